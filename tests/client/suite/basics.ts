/** Connecting, acquiring, releasing, and what the server shows of it. */
import { assert, assertEquals, rejects } from "./assert.ts";
import type { TestCase } from "./suite.ts";

export const basics: readonly TestCase[] = [
  {
    name: "connect() takes a URL; ping() and version() are answered",
    run: async (t) => {
      const client = await t.connect();
      await client.ping();
      assert((await client.version()).version !== "");
    },
  },
  {
    name: "connect() rejects an invalid URL, and one where no server listens",
    run: async ({ api, transport }) => {
      for (const url of ["127.0.0.1:9999", "http://127.0.0.1/", "tcp:", ""]) {
        const error = await rejects(api.connect(url), api.RequestError);
        assertEquals(error.code, "error");
      }
      const url = transport === "ws" ? "ws://127.0.0.1:1/" : "tcp://127.0.0.1:1";
      const error = await rejects(api.connect(url), api.ConnectionError);
      assertEquals(error.code, "unreachable");
    },
  },
  {
    name: "each kind of URL works, or the error says which one to use in this runtime",
    run: async (t) => {
      const { urls } = await t.server();
      for (const transport of ["tcp", "unix", "ws"] as const) {
        const connecting = t.connect({}, urls[transport]);
        if (t.unsupported.includes(transport)) {
          const error = await rejects(connecting, t.api.ConnectionError);
          assert(/use (tcp|ws):/.test(error.message));
          assertEquals(
            (await rejects(t.api.connectPools(urls[transport]), t.api.ConnectionError)).code,
            error.code,
          );
          continue;
        }
        await (await connecting).ping();
        const pools = t.closeAtEnd(await t.api.connectPools(urls[`pools-${transport}`]));
        assertEquals(await pools.listPools(), []);
      }
    },
  },
  {
    name: "connect() rejects with the reason of an aborted signal",
    run: async (t) => {
      const reason = new Error("enough");
      const url = await t.url();
      const error = await rejects(t.api.connect(url, { signal: AbortSignal.abort(reason) }), Error);
      assert(error === reason);
    },
  },
  {
    name: "the name of the client is shown as the holder",
    run: async (t) => {
      const client = await t.connect({ name: "alice, build 7" });
      await client.acquire("deploy", { why: "release 1.2" });
      const info = await client.describe("deploy");
      assertEquals(info?.holders.map(({ name, why, mode }) => [name, why, mode]), [
        ["alice, build 7", "release 1.2", "exclusive"],
      ]);
    },
  },
  {
    name: "release() ends what acquire() took, and may be called twice",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a");
      assertEquals(lock.names, ["a"]);
      assertEquals([lock.count, lock.waitedMs], [[1], 0]);
      assertEquals((await client.list()).map(({ name }) => name), ["a"]);
      await lock.release();
      await lock.release();
      assertEquals(await client.describe("a"), undefined);
      assertEquals(await client.list(), []);
    },
  },
  {
    name: "await using releases the lock",
    run: async (t) => {
      const client = await t.connect();
      {
        await using lock = await client.acquire("a");
        assertEquals(lock.names, ["a"]);
        assert(await client.describe("a") !== undefined);
      }
      assertEquals(await client.describe("a"), undefined);
    },
  },
  {
    name: "the connection of a released lock is reused for the next lock",
    run: async (t) => {
      const client = await t.connect();
      const addresses: (string | undefined)[] = [];
      for (const name of ["a", "b", "c"]) {
        await using _lock = await client.acquire(name);
        addresses.push((await client.describe(name))?.holders[0]?.address);
      }
      assertEquals(new Set(addresses).size, 1);
    },
  },
  {
    name: "the token grows with every grant, of any name",
    run: async (t) => {
      const client = await t.connect();
      const tokens: number[] = [];
      for (const name of ["a", "b", "a", "c", "a"]) {
        await using lock = await client.acquire(name);
        tokens.push(lock.token);
      }
      assert(
        tokens.every((token, i) => Number.isSafeInteger(token) && token > (tokens[i - 1] ?? 0)),
      );
    },
  },
  {
    name: "BusyError reports the holder, since when and why it holds",
    run: async (t) => {
      const [holder, other] = [await t.connect({ name: "bob" }), await t.connect()];
      await holder.acquire("a", { why: "because" });
      const error = await rejects(other.acquire("a"), t.api.BusyError);
      assertEquals([error.code, error.lock, error.holder, error.why, error.queue], [
        "busy",
        "a",
        "bob",
        "because",
        0,
      ]);
      assert(error.sinceMs !== undefined && error.sinceMs > 1e12);
      // Each lock has its own connection, so a client blocks itself, too.
      await rejects(holder.acquire("a"), t.api.BusyError);
    },
  },
  {
    name: "a shared lock has at most max holders, and count is their number",
    run: async (t) => {
      const client = await t.connect();
      const options = { mode: "shared", max: 2 } as const;
      const first = await client.acquire("a", options);
      assertEquals((await client.acquire("a", options)).count, [2]);
      await rejects(client.acquire("a", options), t.api.BusyError);
      await first.release();
      assertEquals((await client.acquire("a", options)).count, [2]);
    },
  },
  {
    name: "readers share, and a writer excludes all others",
    run: async (t) => {
      const client = await t.connect();
      const readers = [
        await client.acquire("a", { mode: "read" }),
        await client.acquire("a", { mode: "read" }),
      ];
      await rejects(client.acquire("a", { mode: "write" }), t.api.BusyError);
      for (const reader of readers) await reader.release();
      await client.acquire("a", { mode: "write" });
      await rejects(client.acquire("a", { mode: "read" }), t.api.BusyError);
    },
  },
  {
    name: "several names are acquired all or none, and results are in their order",
    run: async (t) => {
      const client = await t.connect();
      const b = await client.acquire("b");
      const error = await rejects(client.acquire(["a", "b", "c"]), t.api.BusyError);
      assertEquals(error.lock, "b");
      assertEquals((await client.list()).map(({ name }) => name), ["b"]);
      await b.release();
      const all = await client.acquire(["c", "b", "a"]);
      assertEquals([all.names, all.count], [["c", "b", "a"], [1, 1, 1]]);
      assertEquals(all.previous.map(({ cause }) => cause), ["none", "released", "none"]);
      assertEquals((await client.list()).length, 3);
      await all.release();
      assertEquals(await client.list(), []);
    },
  },
  {
    name: "a name may contain any character, and is shown unchanged",
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
      assertEquals((await client.list()).map(({ name }) => name).toSorted(), names.toSorted());
      for (const name of names) assertEquals((await client.describe(name))?.name, name);
      await lock.release();
      assertEquals(await client.list(), []);
    },
  },
  {
    name: "names and options that cannot be sent are rejected",
    run: async (t) => {
      const client = await t.connect();
      for (const name of ["a\vb", "\f", "\ud800"]) {
        await rejects(client.acquire(name), t.api.RequestError);
        await rejects(client.describe(name), t.api.RequestError);
        await rejects(client.acquire("a", { why: name }), t.api.RequestError);
        await rejects(t.connect({ name }), t.api.RequestError);
      }
      await rejects(client.acquire([]), t.api.RequestError);
      await rejects(client.acquire(["a", "a"]), t.api.RequestError);
      await rejects(client.acquire("a", { wait: 0.5 }), t.api.RequestError);
      await rejects(client.acquire("a", { wait: -1 }), t.api.RequestError);
      await rejects(client.acquire("a", { mode: "shared", max: 0 }), t.api.RequestError);
      assertEquals(await client.list(), []);
    },
  },
  {
    name: "send() sends glockd commands, and returns all lines of the reply",
    run: async (t) => {
      const client = await t.connect();
      assertEquals(await client.send("g foo"), ["1 Lock Get Success: foo"]);
      assertEquals(await client.send("g bar"), ["1 Lock Get Success: bar"]);
      assertEquals((await client.send("d")).length, 2);
      assertEquals(await client.send("sd"), []);
      assertEquals(await client.send(""), []);
      assertEquals(await client.send("ping"), ["1 pong"]);
      assert((await client.send("nonsense"))[0]?.startsWith("0 error "));
      await rejects(client.send("g a\ng b"), t.api.RequestError);
      await rejects(client.send("watch"), t.api.RequestError);
      assertEquals((await client.describe("foo"))?.holders.length, 1);
    },
  },
  {
    name: "ask() sends extended commands, and returns refusals without throwing",
    run: async (t) => {
      const client = await t.connect();
      const granted = await client.ask("acquire", ["a"], { why: "by hand" });
      assertEquals([granted.kind, granted.word], ["1", "acquired"]);
      assertEquals((await client.ask("release", ["b"])).word, "not-held");
      assertEquals((await client.ask("no-such")).word, "error");
      assert(JSON.parse(t.api.valueOf(await client.ask("help"), "json") ?? "").length > 10);
    },
  },
  {
    name: "list() returns the locks whose names start with the prefix",
    run: async (t) => {
      const client = await t.connect();
      await client.acquire(["ab", "abc", "b"]);
      assertEquals((await client.list("ab")).map(({ name }) => name).toSorted(), ["ab", "abc"]);
    },
  },
  {
    name: "close() releases all locks, and ends all requests",
    run: async (t) => {
      const [client, other] = [await t.connect(), await t.connect()];
      const lock = await client.acquire("a", { grace: 60_000 });
      const waiting = client.acquire("a", { wait: "forever" });
      const rejected = rejects(waiting, t.api.ConnectionError);
      await t.untilQueued(other, "a", 1);
      await client.close();
      await rejected;
      await t.untilQueued(other, "a", 0);
      assertEquals(await other.describe("a"), undefined);
      assertEquals(lock.signal.aborted, false);
      await rejects(client.acquire("a"), t.api.ConnectionError);
      await rejects(client.ping(), t.api.ConnectionError);
      await lock.release();
      await client.close();
    },
  },
];
