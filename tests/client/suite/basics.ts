/** Connecting, taking, giving back, and what is told of it. */
import { fails, ok, same } from "./check.ts";
import type { Case } from "./suite.ts";

export const basics: readonly Case[] = [
  {
    name: "connects by URL, answers ping and version",
    run: async (t) => {
      const client = await t.connect();
      await client.ping();
      ok((await client.version()).version !== "");
    },
  },
  {
    name: "an address that is none is refused, and one where nobody listens",
    run: async ({ api, kind }) => {
      for (const url of ["127.0.0.1:9999", "http://127.0.0.1/", "tcp:", ""]) {
        const error = await fails(api.connect(url), api.RequestError);
        same(error.code, "error");
      }
      const url = kind === "ws" ? "ws://127.0.0.1:1/" : "tcp://127.0.0.1:1";
      const error = await fails(api.connect(url), api.ConnectionError);
      same(error.code, "unreachable");
    },
  },
  {
    name: "each kind of URL, or what to use instead where the runtime has no such connections",
    run: async (t) => {
      const { places } = await t.server();
      for (const kind of ["tcp", "unix", "ws"] as const) {
        const connecting = t.connect({}, places[kind]);
        if (t.lacks.includes(kind)) {
          const error = await fails(connecting, t.api.ConnectionError);
          ok(/use (tcp|ws):/.test(error.message));
          same(
            (await fails(t.api.connectPools(places[kind]), t.api.ConnectionError)).code,
            error.code,
          );
          continue;
        }
        await (await connecting).ping();
        const pools = t.keep(await t.api.connectPools(places[`pools-${kind}`]));
        same(await pools.listPools(), []);
      }
    },
  },
  {
    name: "a signal gives up connecting",
    run: async (t) => {
      const reason = new Error("enough");
      const url = await t.url();
      const error = await fails(t.api.connect(url, { signal: AbortSignal.abort(reason) }), Error);
      ok(error === reason);
    },
  },
  {
    name: "the client's name is the holder",
    run: async (t) => {
      const client = await t.connect({ name: "alice, build 7" });
      await client.acquire("deploy", { why: "release 1.2" });
      const info = await client.describe("deploy");
      same(info?.holders.map(({ name, why, mode }) => [name, why, mode]), [
        ["alice, build 7", "release 1.2", "exclusive"],
      ]);
    },
  },
  {
    name: "acquire takes, release gives back, twice is once",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a");
      same(lock.names, ["a"]);
      same([lock.count, lock.waitedMs], [[1], 0]);
      same((await client.list()).map(({ name }) => name), ["a"]);
      await lock.release();
      await lock.release();
      same(await client.describe("a"), undefined);
      same(await client.list(), []);
    },
  },
  {
    name: "await using gives back",
    run: async (t) => {
      const client = await t.connect();
      {
        await using lock = await client.acquire("a");
        same(lock.names, ["a"]);
        ok(await client.describe("a") !== undefined);
      }
      same(await client.describe("a"), undefined);
    },
  },
  {
    name: "a connection that is given back serves the next lock",
    run: async (t) => {
      const client = await t.connect();
      const addresses: (string | undefined)[] = [];
      for (const name of ["a", "b", "c"]) {
        await using _lock = await client.acquire(name);
        addresses.push((await client.describe(name))?.holders[0]?.address);
      }
      same(new Set(addresses).size, 1);
    },
  },
  {
    name: "the token rises with every grant of any name",
    run: async (t) => {
      const client = await t.connect();
      const tokens: number[] = [];
      for (const name of ["a", "b", "a", "c", "a"]) {
        await using lock = await client.acquire(name);
        tokens.push(lock.token);
      }
      ok(tokens.every((token, i) => Number.isSafeInteger(token) && token > (tokens[i - 1] ?? 0)));
    },
  },
  {
    name: "a taken lock is busy, and the error tells who, since when and why",
    run: async (t) => {
      const [holder, other] = [await t.connect({ name: "bob" }), await t.connect()];
      await holder.acquire("a", { why: "because" });
      const error = await fails(other.acquire("a"), t.api.BusyError);
      same([error.code, error.lock, error.holder, error.why, error.queue], [
        "busy",
        "a",
        "bob",
        "because",
        0,
      ]);
      ok(error.sinceMs !== undefined && error.sinceMs > 1e12);
      // The same client has another connection for every lock.
      await fails(holder.acquire("a"), t.api.BusyError);
    },
  },
  {
    name: "at most max hold a shared lock, each told how many",
    run: async (t) => {
      const client = await t.connect();
      const options = { mode: "shared", max: 2 } as const;
      const first = await client.acquire("a", options);
      same((await client.acquire("a", options)).count, [2]);
      await fails(client.acquire("a", options), t.api.BusyError);
      await first.release();
      same((await client.acquire("a", options)).count, [2]);
    },
  },
  {
    name: "readers share, a writer is alone",
    run: async (t) => {
      const client = await t.connect();
      const readers = [
        await client.acquire("a", { mode: "read" }),
        await client.acquire("a", { mode: "read" }),
      ];
      await fails(client.acquire("a", { mode: "write" }), t.api.BusyError);
      for (const reader of readers) await reader.release();
      await client.acquire("a", { mode: "write" });
      await fails(client.acquire("a", { mode: "read" }), t.api.BusyError);
    },
  },
  {
    name: "several names: all or nothing, lists in their order",
    run: async (t) => {
      const client = await t.connect();
      const b = await client.acquire("b");
      const error = await fails(client.acquire(["a", "b", "c"]), t.api.BusyError);
      same(error.lock, "b");
      same((await client.list()).map(({ name }) => name), ["b"]);
      await b.release();
      const all = await client.acquire(["c", "b", "a"]);
      same([all.names, all.count], [["c", "b", "a"], [1, 1, 1]]);
      same(all.previous.map(({ cause }) => cause), ["none", "released", "none"]);
      same((await client.list()).length, 3);
      await all.release();
      same(await client.list(), []);
    },
  },
  {
    name: "names of all characters come back as they went",
    run: async (t) => {
      const client = await t.connect();
      const names = [
        "",
        " ",
        "a b",
        "x=y",
        "a,b",
        "\\s",
        "tab\tlf\ncr\r",
        "a\u00a0b",
        "\u2028",
        "\x85",
        "ä€😀",
        "* x",
        "-",
        "\0",
      ];
      const lock = await client.acquire(names);
      same((await client.list()).map(({ name }) => name).toSorted(), names.toSorted());
      for (const name of names) same((await client.describe(name))?.name, name);
      await lock.release();
      same(await client.list(), []);
    },
  },
  {
    name: "what would arrive as something else is refused",
    run: async (t) => {
      const client = await t.connect();
      for (const name of ["a\vb", "\f", "\ud800"]) {
        await fails(client.acquire(name), t.api.RequestError);
        await fails(client.describe(name), t.api.RequestError);
        await fails(client.acquire("a", { why: name }), t.api.RequestError);
        await fails(t.connect({ name }), t.api.RequestError);
      }
      await fails(client.acquire([]), t.api.RequestError);
      await fails(client.acquire(["a", "a"]), t.api.RequestError);
      await fails(client.acquire("a", { wait: 0.5 }), t.api.RequestError);
      await fails(client.acquire("a", { wait: -1 }), t.api.RequestError);
      await fails(client.acquire("a", { mode: "shared", max: 0 }), t.api.RequestError);
      same(await client.list(), []);
    },
  },
  {
    name: "old words by send, with all lines of their answers",
    run: async (t) => {
      const client = await t.connect();
      same(await client.send("g foo"), ["1 Lock Get Success: foo"]);
      same(await client.send("g bar"), ["1 Lock Get Success: bar"]);
      same((await client.send("d")).length, 2);
      same(await client.send("sd"), []);
      same(await client.send(""), []);
      same(await client.send("ping"), ["1 pong"]);
      ok((await client.send("nonsense"))[0]?.startsWith("0 error "));
      await fails(client.send("g a\ng b"), t.api.RequestError);
      await fails(client.send("watch"), t.api.RequestError);
      same((await client.describe("foo"))?.holders.length, 1);
    },
  },
  {
    name: "extended words by ask, refusals too",
    run: async (t) => {
      const client = await t.connect();
      const granted = await client.ask("acquire", ["a"], { why: "by hand" });
      same([granted.kind, granted.word], ["1", "acquired"]);
      same((await client.ask("release", ["b"])).word, "not-held");
      same((await client.ask("no-such")).word, "error");
      ok(JSON.parse(t.api.valueOf(await client.ask("help"), "json") ?? "").length > 10);
    },
  },
  {
    name: "list tells those whose names begin so",
    run: async (t) => {
      const client = await t.connect();
      await client.acquire(["ab", "abc", "b"]);
      same((await client.list("ab")).map(({ name }) => name).toSorted(), ["ab", "abc"]);
    },
  },
  {
    name: "close gives back everything and ends the client",
    run: async (t) => {
      const [client, other] = [await t.connect(), await t.connect()];
      const lock = await client.acquire("a", { grace: 60_000 });
      const waiting = client.acquire("a", { wait: "forever" });
      const failed = fails(waiting, t.api.ConnectionError);
      await t.untilQueued(other, "a", 1);
      await client.close();
      await failed;
      await t.untilQueued(other, "a", 0);
      same(await other.describe("a"), undefined);
      same(lock.signal.aborted, false);
      await fails(client.acquire("a"), t.api.ConnectionError);
      await fails(client.ping(), t.api.ConnectionError);
      await lock.release();
      await client.close();
    },
  },
];
