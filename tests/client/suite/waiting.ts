/** Waiting for a lock: the order, giving up, deadlocks, many requests at once. */
import { fails, failure, ok, same } from "./check.ts";
import type { Case } from "./suite.ts";

export const waiting: readonly Case[] = [
  {
    name: "who waits is granted in order, the more urgent first",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a");
      const order: string[] = [];
      const turn = async (who: string, priority: number) => {
        await using mine = await client.acquire("a", { wait: "forever", priority });
        ok(mine.waitedMs >= 0);
        order.push(who);
      };
      const turns: Promise<void>[] = [];
      for (const [i, [who, priority]] of ([["1", 0], ["2", 0], ["0", 5]] as const).entries()) {
        turns.push(turn(who, priority));
        await t.untilQueued(client, "a", i + 1);
      }
      await lock.release();
      await Promise.all(turns);
      same(order, ["0", "1", "2"]);
      same(await client.describe("a"), undefined);
    },
  },
  {
    name: "a wait that is over is a TimeoutError that tells who holds it",
    run: async (t) => {
      const [holder, client] = [await t.connect({ name: "bob" }), await t.connect()];
      await holder.acquire("a");
      const error = await fails(client.acquire("a", { wait: 1 }), t.api.TimeoutError);
      same([error.code, error.lock, error.holder], ["timeout", "a", "bob"]);
      ok(error.waitedMs >= 1 && error.sinceMs !== undefined);
      await t.untilQueued(holder, "a", 0);
    },
  },
  {
    name: "giving up leaves no waiter",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a");
      const turn = new AbortController();
      const asked = client.acquire("a", { wait: "forever", signal: turn.signal });
      const failed = failure(asked);
      await t.untilQueued(client, "a", 1);
      const reason = new Error("enough");
      turn.abort(reason);
      ok(await failed === reason);
      await t.untilQueued(client, "a", 0);
      await lock.release();
      same(await client.describe("a"), undefined);
    },
  },
  {
    name: "giving up at once leaves no waiter on a connection that was there already",
    run: async (t) => {
      const [holder, client] = [await t.connect(), await t.connect()];
      const lock = await holder.acquire("a");
      await (await client.acquire("b")).release();
      await t.untilQueued(client, "b", 0);
      const turn = new AbortController();
      const failed = failure(client.acquire("a", { wait: "forever", signal: turn.signal }));
      turn.abort();
      ok(await failed === turn.signal.reason);
      same((await client.describe("a"))?.queue, []);
      await lock.release();
    },
  },
  {
    name: "a signal that is aborted asks for nothing, and one aborted later changes nothing",
    run: async (t) => {
      const client = await t.connect();
      const signal = AbortSignal.abort();
      const error = await failure(client.acquire("a", { signal }));
      ok(error === signal.reason);
      const turn = new AbortController();
      const lock = await client.acquire("a", { signal: turn.signal });
      turn.abort();
      await client.ping();
      same([lock.signal.aborted, (await client.describe("a"))?.holders.length], [false, 1]);
    },
  },
  {
    name: "a deadlock is refused, with the cycle",
    run: async (t) => {
      const [alice, bob] = [await t.connect({ name: "alice" }), await t.connect({ name: "bob" })];
      const [a, b] = [await alice.acquire("a"), await bob.acquire("b")];
      const waits = alice.acquire("b", { wait: "forever", with: a });
      await t.untilQueued(bob, "b", 1);
      const asked = bob.acquire("a", { wait: "forever", with: b });
      const error = await fails(asked, t.api.DeadlockError);
      same([error.code, error.cycle[0], error.cycle.toSorted()], ["deadlock", "bob", [
        "alice",
        "bob",
      ]]);
      await b.release();
      same((await waits).names, ["b"]);
    },
  },
  {
    name: "locks taken with another one live on its connection, and end one by one",
    run: async (t) => {
      const client = await t.connect();
      const a = await client.acquire("a");
      const b = await client.acquire("b", { with: a });
      const holderOf = async (name: string) => (await client.describe(name))?.holders[0]?.address;
      ok(await holderOf("a") === await holderOf("b"));
      const again = await client.acquire("a", { with: a });
      same(again.token, a.token);
      await again.release();
      ok(await holderOf("a") !== undefined, "a was asked for twice and given back once");
      await a.release();
      same([await holderOf("a"), await holderOf("b") === undefined], [undefined, false]);
      await b.release();
      same(await client.list(), []);
      await fails(client.acquire("c", { with: b }), t.api.LockLostError);
    },
  },
  {
    name: "the only reader becomes the writer with its own lock",
    run: async (t) => {
      const client = await t.connect();
      const read = await client.acquire("a", { mode: "read" });
      await fails(client.acquire("a", { mode: "write" }), t.api.BusyError);
      const write = await client.acquire("a", { mode: "write", with: read });
      await read.release();
      await fails(client.acquire("a", { mode: "read" }), t.api.BusyError);
      await write.release();
      same(await client.list(), []);
    },
  },
  {
    name:
      "giving up what was asked with another lock keeps that lock, and gives back what comes late",
    run: async (t) => {
      const client = await t.connect();
      const [mine, other] = [await client.acquire("mine"), await client.acquire("other")];
      const turn = new AbortController();
      const asked = client.acquire("other", { wait: "forever", with: mine, signal: turn.signal });
      const failed = failure(asked);
      await t.untilQueued(client, "other", 1);
      turn.abort();
      ok(await failed === turn.signal.reason);
      await other.release();
      await t.untilQueued(client, "other", 0);
      while (await client.describe("other") !== undefined);
      same((await client.list()).map(({ name }) => name), ["mine"]);
      await mine.release();
    },
  },
  {
    name: "a lock that nobody holds and somebody waits for has no mode",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("b");
      const asked = client.acquire(["a", "b"], { wait: "forever" });
      const { mode, holders } = await t.untilQueued(client, "a", 1);
      same([mode === undefined, holders], [true, []]);
      await lock.release();
      await (await asked).release();
    },
  },
  {
    name: "more who wait than the server takes is a LimitError",
    run: async (t) => {
      const server = await t.server(["-max-waiters=1"]);
      const client = await t.connect({}, server.url);
      const lock = await client.acquire("a");
      const waits = client.acquire("a", { wait: "forever" });
      await t.untilQueued(client, "a", 1);
      const error = await fails(client.acquire("a", { wait: "forever" }), t.api.LimitError);
      same(error.code, "limit");
      await lock.release();
      await (await waits).release();
    },
  },
  {
    name: "ten thousand requests at once are answered in order, a bounded part on its way",
    run: async (t) => {
      const client = await t.connect();
      const names = Array.from({ length: 10_000 }, (_, i) => `n${i}`);
      const replies = await Promise.all(names.map((name) => client.send(`g ${name}`)));
      same(replies.findIndex(([line], i) => line !== `1 Lock Get Success: ${names[i]}`), -1);
      await Promise.all(names.map(() => client.ping()));
      same((await client.list()).length, names.length);
    },
  },
  {
    name: "a hundred wait for one lock, and each has it once",
    run: async (t) => {
      const client = await t.connect();
      let [inside, most, done] = [0, 0, 0];
      await Promise.all(Array.from({ length: 100 }, async () => {
        await using _lock = await client.acquire("a", { wait: "forever" });
        most = Math.max(most, ++inside);
        await client.ping();
        inside--;
        done++;
      }));
      same([most, done, await client.describe("a")], [1, 100, undefined]);
    },
  },
];
