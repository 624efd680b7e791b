/** How locks are lost, and how they are kept all the same. */
import { fails, ok, same } from "./check.ts";
import type { Api, Case, Proxy, Tools } from "./suite.ts";

/** A client whose connections can be cut, and another one. */
async function apart(t: Tools): Promise<{ proxy: Proxy; client: Api.Client; other: Api.Client }> {
  const proxy = await t.proxy();
  return { proxy, client: await t.connect({}, proxy.url), other: await t.connect() };
}

export const losing: readonly Case[] = [
  {
    name: "what is taken away by force is lost, and the next is told",
    run: async (t) => {
      const [client, admin] = [await t.connect(), await t.connect()];
      const lock = await client.acquire("a");
      same(await admin.force("a", "maintenance"), 1);
      const error = await lock.lost;
      same([error.code, error.how, error.why, error.names], [
        "lost",
        "forced",
        "maintenance",
        ["a"],
      ]);
      ok(lock.signal.aborted && lock.signal.reason === error);
      await lock.release();
      same(await admin.force("a", "again"), 0);
      const next = await admin.acquire("a");
      same(next.previous.map(({ cause }) => cause), ["forced"]);
    },
  },
  {
    name: "force and steal are for administrators, and web pages are none",
    run: async (t) => {
      const isPage = t.lacks.includes("tcp");
      const client = await t.connect({}, (await t.server([])).url);
      const lock = await client.acquire("a");
      const forced = client.force("a", "now");
      if (!isPage) return same(await forced, 1);
      same((await fails(forced, t.api.DeniedError)).code, "denied");
      const stolen = client.locks.request("a", { steal: true }, () => "stolen");
      await fails(stolen, t.api.DeniedError);
      await t.untilQueued(client, "a", 0);
      await client.ping();
      same(lock.signal.aborted, false);
    },
  },
  {
    name: "of several names that are lost in part, the rest is given back",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire(["x/a", "y/b", "x/c"]);
      same(await client.force("y/b", "only this"), 1);
      same((await lock.lost).how, "forced");
      while ((await client.list()).length > 0);
    },
  },
  {
    name: "a lock of a queue that is taken away by force is lost, too",
    run: async (t) => {
      const client = await t.connect();
      const first = await client.acquire("a");
      const asked = client.acquire("a", { wait: "forever" });
      await t.untilQueued(client, "a", 1);
      await first.release();
      const second = await asked;
      same(second.previous.map(({ cause }) => cause), ["released"]);
      same(await client.force("a", "now"), 1);
      // It may have been taken away before the connection was told to watch it.
      ok(["forced", "gone"].includes((await second.lost).how));
    },
  },
  {
    name: "a lease that is not renewed in time is lost",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a", { lease: 60_000 });
      ok(((await client.describe("a"))?.holders[0]?.lease ?? 0) > 1000);
      await lock.renew(1); // over before the next renewal, which comes after 50 ms
      ok(["expired", "gone"].includes((await lock.lost).how));
      await fails(lock.renew(1000), t.api.LockLostError);
      same((await client.acquire("a")).previous.map(({ cause }) => cause), ["expired"]);
    },
  },
  {
    name: "a lease that is renewed in time is kept",
    run: async (t) => {
      const client = await t.connect();
      const lock = await client.acquire("a", { lease: 600 });
      const turn = new AbortController();
      // Somebody who waits longer than the lease lasts.
      const asked = client.acquire("a", { wait: 2000, signal: turn.signal });
      const error = await Promise.race([lock.lost, fails(asked, t.api.TimeoutError)]);
      same(error.code, "timeout");
      same(lock.signal.aborted, false);
      await lock.release();
    },
  },
  {
    name: "the end of the server loses locks, whatever the grace",
    run: async (t) => {
      const server = await t.server();
      const client = await t.connect({}, server.url);
      const plain = await client.acquire("a");
      const kept = await client.acquire("b", { grace: 100 });
      await server.stop();
      same((await plain.lost).how, "disconnected");
      ok(["disconnected", "gone"].includes((await kept.lost).how));
      await plain.release();
      await kept.release();
      await fails(client.acquire("a"), t.api.ConnectionError);
      await fails(client.ping(), t.api.ConnectionError);
    },
  },
  {
    name: "who waits when the server ends is told so",
    run: async (t) => {
      const server = await t.server();
      const client = await t.connect({}, server.url);
      await client.acquire("a");
      const waits = client.acquire("a", { wait: "forever" });
      const failed = fails(waits, t.api.DrainingError);
      await t.untilQueued(client, "a", 1);
      await server.stop();
      same((await failed).code, "draining");
    },
  },
  {
    name: "a connection that is cut loses its lock, and the main one is made anew",
    run: async (t) => {
      const { proxy, client, other } = await apart(t);
      const lock = await client.acquire("a");
      await proxy.cut();
      same((await lock.lost).how, "disconnected");
      await client.ping();
      const next = await other.acquire("a", { wait: 60_000 });
      ok(["closed", "lost"].includes(next.previous[0]?.cause ?? ""));
    },
  },
  {
    name: "a lock with grace is kept when its connection is cut",
    run: async (t) => {
      const { proxy, client, other } = await apart(t);
      const lock = await client.acquire(["a", "b"], { grace: 60_000 });
      await other.ping();
      for (let times = 0; times < 3; times++) {
        const before = (await other.describe("a"))?.holders[0]?.address;
        await proxy.cut();
        // Who holds it is somebody else now, and has the same token.
        for (;;) {
          const holder = (await other.describe("a"))?.holders[0];
          ok(holder !== undefined && holder.token === lock.token, "it was not kept");
          if (holder.absent !== true && holder.address !== before) break;
        }
      }
      same(lock.signal.aborted, false);
      await fails(other.acquire("b"), t.api.BusyError);
      await lock.release();
      same(await other.list(), []);
    },
  },
  {
    name: "a lock that came back is still watched: force is noticed",
    run: async (t) => {
      const { proxy, client, other } = await apart(t);
      const lock = await client.acquire("a", { grace: 60_000, lease: 60_000 });
      const before = (await other.describe("a"))?.holders[0]?.address;
      await proxy.cut();
      for (let address = before; address === before;) {
        const holder = (await other.describe("a"))?.holders[0];
        if (holder?.absent !== true) address = holder?.address;
      }
      same(await other.force("a", "enough"), 1);
      ok(["forced", "gone"].includes((await lock.lost).how));
    },
  },
  {
    name: "a lock that is taken away while its connection is gone is lost",
    run: async (t) => {
      const { proxy, client, other } = await apart(t);
      const lock = await client.acquire("a", { grace: 60_000 });
      await proxy.refuse(true);
      await proxy.cut();
      same(await other.force("a", "enough"), 1);
      await proxy.refuse(false);
      same((await lock.lost).how, "gone");
    },
  },
  {
    name: "a grace that is over is a loss",
    run: async (t) => {
      const { proxy, client, other } = await apart(t);
      const lock = await client.acquire("a", { grace: 1 });
      await proxy.refuse(true);
      await proxy.cut();
      ok(["disconnected", "gone"].includes((await lock.lost).how));
      await other.acquire("a", { wait: 60_000 });
    },
  },
  {
    name: "a lock with grace that is not to be had leaves its connection to the next",
    run: async (t) => {
      const { url } = await t.server(["-dump=false"]);
      const [holder, client] = [await t.connect({}, url), await t.connect({}, url)];
      await holder.acquire("a");
      await fails(client.acquire("a", { grace: 10_000 }), t.api.BusyError);
      const lock = await client.acquire("b");
      for (let i = 0; i < 20; i++) await client.ping();
      same(lock.signal.aborted, false);
    },
  },
  {
    name: "without reconnecting, grace is no help and the client is over",
    run: async (t) => {
      const proxy = await t.proxy();
      const client = await t.connect({ reconnect: false }, proxy.url);
      const lock = await client.acquire("a", { grace: 100 });
      await proxy.cut();
      same((await lock.lost).how, "disconnected");
      await fails(client.ping(), t.api.ConnectionError);
    },
  },
  {
    name: "who waits asks again when the connection is cut",
    run: async (t) => {
      const { proxy, client, other } = await apart(t);
      const held = await other.acquire("a");
      const asked = client.acquire("a", { wait: "forever", grace: 60_000 });
      const before = (await t.untilQueued(other, "a", 1)).queue[0]?.address;
      await proxy.cut();
      for (;;) {
        const { queue } = await t.untilQueued(other, "a", 1);
        if (queue[0]?.address !== before) break;
      }
      await held.release();
      same((await asked).names, ["a"]);
    },
  },
  {
    name: "a lock may be given back while its connection is gone",
    run: async (t) => {
      const { proxy, client, other } = await apart(t);
      const lock = await client.acquire("a", { grace: 60_000 });
      await proxy.refuse(true);
      await proxy.cut();
      const released = lock.release();
      await proxy.refuse(false);
      await released;
      same(await other.describe("a"), undefined);
      same(lock.signal.aborted, false);
    },
  },
];
