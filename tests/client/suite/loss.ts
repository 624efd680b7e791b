/** How locks are lost, and how grace and leases keep them. */
import { assert, assertEquals, rejects } from "./assert.ts";
import type { Api, Proxy, TestCase, TestContext } from "./suite.ts";

/** Connects a client through a proxy, and another one directly. */
async function connectThroughProxy(
  t: TestContext,
): Promise<{ proxy: Proxy; client: Api.Client; other: Api.Client }> {
  const proxy = await t.proxy();
  return { proxy, client: await t.connect({}, proxy.url), other: await t.connect() };
}

export const loss: readonly TestCase[] = [
  {
    name: "a forced lock is lost, and the next holder learns of it",
    run: async (t) => {
      const [client, admin] = [await t.connect(), await t.connect()];
      const lock = await client.acquire("a");
      assertEquals(await admin.force("a", "maintenance"), 1);
      const error = await lock.lost;
      assertEquals([error.code, error.how, error.why, error.names], [
        "lost",
        "forced",
        "maintenance",
        ["a"],
      ]);
      assert(lock.signal.aborted && lock.signal.reason === error);
      await lock.release();
      assertEquals(await admin.force("a", "again"), 0);
      const next = await admin.acquire("a");
      assertEquals(next.previous.map(({ cause }) => cause), ["forced"]);
    },
  },
  {
    name: "force and steal are for administrators, and a web page is not one",
    run: async (t) => {
      const isPage = t.unsupported.includes("tcp");
      const client = await t.connect({}, (await t.server([])).url);
      const lock = await client.acquire("a");
      const forced = client.force("a", "now");
      if (!isPage) return assertEquals(await forced, 1);
      assertEquals((await rejects(forced, t.api.DeniedError)).code, "denied");
      const stolen = client.locks.request("a", { steal: true }, () => "stolen");
      await rejects(stolen, t.api.DeniedError);
      await t.untilQueued(client, "a", 0);
      await client.ping();
      assertEquals(lock.signal.aborted, false);
    },
  },
  {
    name: "when one of several names is lost, the others are released",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire(["x/a", "y/b", "x/c"]);
      assertEquals(await client.force("y/b", "only this"), 1);
      assertEquals((await lock.lost).how, "forced");
      while ((await client.list()).length > 0);
    },
  },
  {
    name: "a lock that was waited for is lost when it is forced",
    run: async (t) => {
      const client = await t.connect();
      const first = await client.acquire("a");
      const pending = client.acquire("a", { wait: "forever" });
      await t.untilQueued(client, "a", 1);
      await first.release();
      const second = await pending;
      assertEquals(second.previous.map(({ cause }) => cause), ["released"]);
      assertEquals(await client.force("a", "now"), 1);
      // It may have been forced before the connection watched it.
      assert(["forced", "gone"].includes((await second.lost).how));
    },
  },
  {
    name: "a lock is lost when its lease expires",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a", { lease: 60_000 });
      assert(((await client.describe("a"))?.holders[0]?.lease ?? 0) > 1000);
      await lock.renew(1); // expires before the next renewal, which comes after 50 ms
      assert(["expired", "gone"].includes((await lock.lost).how));
      await rejects(lock.renew(1000), t.api.LockLostError);
      assertEquals((await client.acquire("a")).previous.map(({ cause }) => cause), ["expired"]);
    },
  },
  {
    name: "the client renews the lease of a lock that it holds",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a", { lease: 600 });
      const controller = new AbortController();
      // The waiter waits longer than the lease.
      const pending = client.acquire("a", { wait: 2000, signal: controller.signal });
      const error = await Promise.race([lock.lost, rejects(pending, t.api.TimeoutError)]);
      assertEquals(error.code, "timeout");
      assertEquals(lock.signal.aborted, false);
      await lock.release();
    },
  },
  {
    name: "locks are lost when the server stops, also those with grace",
    run: async (t) => {
      const server = await t.server();
      const client = await t.connect({}, server.url);
      const plain = await client.acquire("a");
      const kept = await client.acquire("b", { grace: 100 });
      await server.stop();
      assertEquals((await plain.lost).how, "disconnected");
      assert(["disconnected", "gone"].includes((await kept.lost).how));
      await plain.release();
      await kept.release();
      await rejects(client.acquire("a"), t.api.ConnectionError);
      await rejects(client.ping(), t.api.ConnectionError);
    },
  },
  {
    name: "a wait rejects with DrainingError when the server stops",
    run: async (t) => {
      const server = await t.server();
      const client = await t.connect({}, server.url);
      await client.acquire("a");
      const waits = client.acquire("a", { wait: "forever" });
      const rejected = rejects(waits, t.api.DrainingError);
      await t.untilQueued(client, "a", 1);
      await server.stop();
      assertEquals((await rejected).code, "draining");
    },
  },
  {
    name: "a broken connection loses its lock, and the main connection is replaced",
    run: async (t) => {
      const { proxy, client, other } = await connectThroughProxy(t);
      const lock = await client.acquire("a");
      await proxy.cut();
      assertEquals((await lock.lost).how, "disconnected");
      await client.ping();
      const next = await other.acquire("a", { wait: 60_000 });
      assert(["closed", "lost"].includes(next.previous[0]?.cause ?? ""));
    },
  },
  {
    name: "a lock with grace survives a broken connection, with the same token",
    run: async (t) => {
      const { proxy, client, other } = await connectThroughProxy(t);
      const lock = await client.acquire(["a", "b"], { grace: 60_000 });
      await other.ping();
      for (let times = 0; times < 3; times++) {
        const before = (await other.describe("a"))?.holders[0]?.address;
        await proxy.cut();
        // Another connection holds it now, with the same token.
        for (;;) {
          const holder = (await other.describe("a"))?.holders[0];
          assert(holder !== undefined && holder.token === lock.token, "the lock was not kept");
          if (holder.absent !== true && holder.address !== before) break;
        }
      }
      assertEquals(lock.signal.aborted, false);
      await rejects(other.acquire("b"), t.api.BusyError);
      await lock.release();
      assertEquals(await other.list(), []);
    },
  },
  {
    name: "force is noticed on a lock that was resumed",
    run: async (t) => {
      const { proxy, client, other } = await connectThroughProxy(t);
      const lock = await client.acquire("a", { grace: 60_000, lease: 60_000 });
      const before = (await other.describe("a"))?.holders[0]?.address;
      await proxy.cut();
      for (let address = before; address === before;) {
        const holder = (await other.describe("a"))?.holders[0];
        if (holder?.absent !== true) address = holder?.address;
      }
      assertEquals(await other.force("a", "enough"), 1);
      assert(["forced", "gone"].includes((await lock.lost).how));
    },
  },
  {
    name: "a lock is lost when it is forced while its connection is down",
    run: async (t) => {
      const { proxy, client, other } = await connectThroughProxy(t);
      const lock = await client.acquire("a", { grace: 60_000 });
      await proxy.refuse(true);
      await proxy.cut();
      assertEquals(await other.force("a", "enough"), 1);
      await proxy.refuse(false);
      assertEquals((await lock.lost).how, "gone");
    },
  },
  {
    name: "a lock is lost when its grace is over",
    run: async (t) => {
      const { proxy, client, other } = await connectThroughProxy(t);
      const lock = await client.acquire("a", { grace: 1 });
      await proxy.refuse(true);
      await proxy.cut();
      assert(["disconnected", "gone"].includes((await lock.lost).how));
      await other.acquire("a", { wait: 60_000 });
    },
  },
  {
    name: "the connection of a refused acquire with grace is reused",
    run: async (t) => {
      const { url } = await t.server(["-dump=false"]);
      const [holder, client] = [await t.connect({}, url), await t.connect({}, url)];
      await holder.acquire("a");
      await rejects(client.acquire("a", { grace: 10_000 }), t.api.BusyError);
      const lock = await client.acquire("b");
      for (let i = 0; i < 20; i++) await client.ping();
      assertEquals(lock.signal.aborted, false);
    },
  },
  {
    name: "with reconnect: false, grace has no effect and the client ends with its connection",
    run: async (t) => {
      const proxy = await t.proxy();
      const client = await t.connect({ reconnect: false }, proxy.url);
      const lock = await client.acquire("a", { grace: 100 });
      await proxy.cut();
      assertEquals((await lock.lost).how, "disconnected");
      await rejects(client.ping(), t.api.ConnectionError);
    },
  },
  {
    name: "a waiting acquire is repeated when its connection breaks",
    run: async (t) => {
      const { proxy, client, other } = await connectThroughProxy(t);
      const held = await other.acquire("a");
      const pending = client.acquire("a", { wait: "forever", grace: 60_000 });
      const before = (await t.untilQueued(other, "a", 1)).queue[0]?.address;
      await proxy.cut();
      for (;;) {
        const { queue } = await t.untilQueued(other, "a", 1);
        if (queue[0]?.address !== before) break;
      }
      await held.release();
      assertEquals((await pending).names, ["a"]);
    },
  },
  {
    name: "release() works while the connection is down",
    run: async (t) => {
      const { proxy, client, other } = await connectThroughProxy(t);
      const lock = await client.acquire("a", { grace: 60_000 });
      await proxy.refuse(true);
      await proxy.cut();
      const released = lock.release();
      await proxy.refuse(false);
      await released;
      assertEquals(await other.describe("a"), undefined);
      assertEquals(lock.signal.aborted, false);
    },
  },
];
