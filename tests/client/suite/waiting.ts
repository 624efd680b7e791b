/** Waiting for a lock: order, aborts, deadlocks, many concurrent requests. */
import { assert, assertEquals, rejectionOf, rejects } from "./assert.ts";
import type { TestCase } from "./suite.ts";

export const waiting: readonly TestCase[] = [
  {
    name: "waiters are granted by priority, then first come, first served",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a");
      const order: string[] = [];
      const waitFor = async (label: string, priority: number) => {
        await using mine = await client.acquire("a", { wait: "forever", priority });
        assert(mine.waitedMs >= 0);
        order.push(label);
      };
      const waits: Promise<void>[] = [];
      for (const [i, [label, priority]] of ([["1", 0], ["2", 0], ["0", 5]] as const).entries()) {
        waits.push(waitFor(label, priority));
        await t.untilQueued(client, "a", i + 1);
      }
      await lock.release();
      await Promise.all(waits);
      assertEquals(order, ["0", "1", "2"]);
      assertEquals(await client.describe("a"), undefined);
    },
  },
  {
    name: "TimeoutError reports the holder when a wait times out",
    run: async (t) => {
      const [holder, client] = [await t.connect({ name: "bob" }), await t.connect()];
      await holder.acquire("a");
      const error = await rejects(client.acquire("a", { wait: 1 }), t.api.TimeoutError);
      assertEquals([error.code, error.lock, error.holder], ["timeout", "a", "bob"]);
      assert(error.waitedMs >= 1 && error.sinceMs !== undefined);
      await t.untilQueued(holder, "a", 0);
    },
  },
  {
    name: "an aborted wait leaves no waiter",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a");
      const controller = new AbortController();
      const pending = client.acquire("a", { wait: "forever", signal: controller.signal });
      const rejected = rejectionOf(pending);
      await t.untilQueued(client, "a", 1);
      const reason = new Error("enough");
      controller.abort(reason);
      assert(await rejected === reason);
      await t.untilQueued(client, "a", 0);
      await lock.release();
      assertEquals(await client.describe("a"), undefined);
    },
  },
  {
    name: "an acquire that is aborted at once leaves no waiter on a reused connection",
    run: async (t) => {
      const [holder, client] = [await t.connect(), await t.connect()];
      const lock = await holder.acquire("a");
      await (await client.acquire("b")).release();
      await t.untilQueued(client, "b", 0);
      const controller = new AbortController();
      const rejected = rejectionOf(
        client.acquire("a", { wait: "forever", signal: controller.signal }),
      );
      controller.abort();
      assert(await rejected === controller.signal.reason);
      assertEquals((await client.describe("a"))?.queue, []);
      await lock.release();
    },
  },
  {
    name: "an aborted signal sends no request, and one aborted after the grant has no effect",
    run: async (t) => {
      const client = await t.connect();
      const signal = AbortSignal.abort();
      const error = await rejectionOf(client.acquire("a", { signal }));
      assert(error === signal.reason);
      const controller = new AbortController();
      const lock = await client.acquire("a", { signal: controller.signal });
      controller.abort();
      await client.ping();
      assertEquals([lock.signal.aborted, (await client.describe("a"))?.holders.length], [false, 1]);
    },
  },
  {
    name: "DeadlockError reports the cycle",
    run: async (t) => {
      const [alice, bob] = [await t.connect({ name: "alice" }), await t.connect({ name: "bob" })];
      const [a, b] = [await alice.acquire("a"), await bob.acquire("b")];
      const waits = alice.acquire("b", { wait: "forever", with: a });
      await t.untilQueued(bob, "b", 1);
      const pending = bob.acquire("a", { wait: "forever", with: b });
      const error = await rejects(pending, t.api.DeadlockError);
      assertEquals([error.code, error.cycle[0], error.cycle.toSorted()], ["deadlock", "bob", [
        "alice",
        "bob",
      ]]);
      await b.release();
      assertEquals((await waits).names, ["b"]);
    },
  },
  {
    name: "locks acquired with another one share its connection, and are released one by one",
    run: async (t) => {
      const client = await t.connect();
      const a = await client.acquire("a");
      const b = await client.acquire("b", { with: a });
      const holderOf = async (name: string) => (await client.describe(name))?.holders[0]?.address;
      assert(await holderOf("a") === await holderOf("b"));
      const again = await client.acquire("a", { with: a });
      assertEquals(again.token, a.token);
      await again.release();
      assert(await holderOf("a") !== undefined, "a was acquired twice and released once");
      await a.release();
      assertEquals([await holderOf("a"), await holderOf("b") === undefined], [undefined, false]);
      await b.release();
      assertEquals(await client.list(), []);
      await rejects(client.acquire("c", { with: b }), t.api.LockLostError);
    },
  },
  {
    name: "the only reader becomes the writer, with its own lock",
    run: async (t) => {
      const client = await t.connect();
      const read = await client.acquire("a", { mode: "read" });
      await rejects(client.acquire("a", { mode: "write" }), t.api.BusyError);
      const write = await client.acquire("a", { mode: "write", with: read });
      await read.release();
      await rejects(client.acquire("a", { mode: "read" }), t.api.BusyError);
      await write.release();
      assertEquals(await client.list(), []);
    },
  },
  {
    name: "aborting an acquire with another lock keeps that lock, and releases a late grant",
    run: async (t) => {
      const client = await t.connect();
      const [mine, other] = [await client.acquire("mine"), await client.acquire("other")];
      const controller = new AbortController();
      const pending = client.acquire("other", {
        wait: "forever",
        with: mine,
        signal: controller.signal,
      });
      const rejected = rejectionOf(pending);
      await t.untilQueued(client, "other", 1);
      controller.abort();
      assert(await rejected === controller.signal.reason);
      await other.release();
      await t.untilQueued(client, "other", 0);
      while (await client.describe("other") !== undefined);
      assertEquals((await client.list()).map(({ name }) => name), ["mine"]);
      await mine.release();
    },
  },
  {
    name: "a lock with waiters and no holder has no mode",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("b");
      const pending = client.acquire(["a", "b"], { wait: "forever" });
      const { mode, holders } = await t.untilQueued(client, "a", 1);
      assertEquals([mode === undefined, holders], [true, []]);
      await lock.release();
      await (await pending).release();
    },
  },
  {
    name: "a wait beyond -max-waiters is a LimitError",
    run: async (t) => {
      const server = await t.server(["-max-waiters=1"]);
      const client = await t.connect({}, server.url);
      const lock = await client.acquire("a");
      const waits = client.acquire("a", { wait: "forever" });
      await t.untilQueued(client, "a", 1);
      const error = await rejects(client.acquire("a", { wait: "forever" }), t.api.LimitError);
      assertEquals(error.code, "limit");
      await lock.release();
      await (await waits).release();
    },
  },
  {
    name: "ten thousand concurrent requests are answered in order",
    run: async (t) => {
      const client = await t.connect();
      const names = Array.from({ length: 10_000 }, (_, i) => `n${i}`);
      const replies = await Promise.all(names.map((name) => client.send(`g ${name}`)));
      assertEquals(
        replies.findIndex(([line], i) => line !== `1 Lock Get Success: ${names[i]}`),
        -1,
      );
      await Promise.all(names.map(() => client.ping()));
      assertEquals((await client.list()).length, names.length);
    },
  },
  {
    name: "a hundred concurrent waiters each hold the lock once",
    run: async (t) => {
      const client = await t.connect();
      let [inside, max, done] = [0, 0, 0];
      await Promise.all(Array.from({ length: 100 }, async () => {
        await using _lock = await client.acquire("a", { wait: "forever" });
        max = Math.max(max, ++inside);
        await client.ping();
        inside--;
        done++;
      }));
      assertEquals([max, done, await client.describe("a")], [1, 100, undefined]);
    },
  },
];
