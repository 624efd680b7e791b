/** Watching: the events of locks. */
import { assert, assertEquals, rejects } from "./assert.ts";
import type { Api, TestCase } from "./suite.ts";

/** Returns the next event of that kind, and skips the others. */
async function next<Kind extends Api.WatchEvent["event"]>(
  events: AsyncIterator<Api.WatchEvent>,
  kind: Kind,
): Promise<Extract<Api.WatchEvent, { event: Kind }>> {
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) throw new Error(`the events ended before a ${kind} event`);
    if (value.event === kind) return value as Extract<Api.WatchEvent, { event: Kind }>;
  }
}

/** Starts a watch, and resolves when its first event has arrived. */
async function startWatch(
  client: Api.Client,
  prefix: string,
): Promise<AsyncIterator<Api.WatchEvent>> {
  const events = client.watch(prefix)[Symbol.asyncIterator]();
  const first = events.next();
  for (let isStarted = false; !isStarted;) {
    await using _lock = await client.acquire(`${prefix}first`);
    isStarted = await Promise.race([first.then(() => true), client.ping().then(() => false)]);
  }
  return events;
}

export const watching: readonly TestCase[] = [
  {
    name: "watch() yields the events of the names that start with the prefix",
    run: async (t) => {
      const client = await t.connect({ name: "alice" });
      const events = await startWatch(client, "w/");
      await using lock = await client.acquire("w/x", { why: "because" });
      const other = await client.acquire("other");
      const acquired = await next(events, "acquire");
      for (let event = acquired; event.name !== "w/x";) event = await next(events, "acquire");
      const controller = new AbortController();
      const pending = client.acquire("w/x", { wait: "forever", signal: controller.signal });
      const rejected = rejects(pending, DOMException);
      const waits = await next(events, "wait");
      assertEquals([waits.name, waits.holder, waits.queue], ["w/x", "alice", 1]);
      controller.abort();
      await rejected;
      await other.release();
      assertEquals(await client.force("w/x", "enough"), 1);
      const forced = await next(events, "force");
      assertEquals([forced.name, forced.why, forced.count], ["w/x", "enough", 1]);
      const released = await next(events, "release");
      assertEquals([released.name, released.cause, released.token], ["w/x", "forced", lock.token]);
      assert(released.at > 1e9);
      await events.return?.();
    },
  },
  {
    name: "watch() ends with its signal",
    run: async (t) => {
      const client = await t.connect();
      const controller = new AbortController();
      const seen: string[] = [];
      const watched = (async () => {
        for await (const event of client.watch("", { signal: controller.signal })) {
          seen.push(event.event);
          controller.abort();
        }
      })();
      const rejected = rejects(watched, DOMException);
      while (seen.length === 0) await (await client.acquire("a")).release();
      assertEquals((await rejected).name, "AbortError");
    },
  },
  {
    name: "watch() yields a lost event when the caller is too slow",
    run: async (t) => {
      const client = await t.connect();
      const events = await startWatch(client, "w/");
      for (let i = 0; i < 12; i++) {
        await Promise.all(Array.from({ length: 500 }, async (_, j) => {
          await client.send(`g w/${j}`);
          await client.send(`r w/${j}`);
        }));
      }
      const lost = await next(events, "lost");
      assert(lost.count > 0);
      await client.ping();
      await events.return?.();
    },
  },
  {
    name: "watch() continues on a new connection, after a lost event of unknown count",
    run: async (t) => {
      const proxy = await t.proxy();
      const client = await t.connect({}, proxy.url);
      const events = await startWatch(client, "w/");
      await proxy.cut();
      assertEquals((await next(events, "lost")).count, 0);
      const acquired = next(events, "acquire");
      let isSeen = false;
      const seen = acquired.then(() => isSeen = true);
      while (!isSeen) await (await client.acquire("w/again", { wait: 1000 })).release();
      await seen;
      await events.return?.();
    },
  },
  {
    name: "with -dump=false, watch(), list() and describe() are DisabledErrors, and locks work",
    run: async (t) => {
      const server = await t.server(["-dump=false", "-registry=false"]);
      const client = await t.connect({ name: "alice" }, server.url);
      await rejects(client.list(), t.api.DisabledError);
      await rejects(client.describe("a"), t.api.DisabledError);
      const error = await rejects(
        client.watch()[Symbol.asyncIterator]().next(),
        t.api.DisabledError,
      );
      assertEquals(error.code, "disabled");
      const lock = await client.acquire("a");
      await rejects(client.acquire("a"), t.api.BusyError);
      const waits = client.acquire("a", { wait: "forever" });
      await client.ping();
      await lock.release();
      await (await waits).release();
    },
  },
];
