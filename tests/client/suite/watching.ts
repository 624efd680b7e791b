/** Events, as they happen. */
import { fails, ok, same } from "./check.ts";
import type { Api, Case } from "./suite.ts";

/** The next event of that kind. */
async function next<Kind extends Api.WatchEvent["event"]>(
  events: AsyncIterator<Api.WatchEvent>,
  kind: Kind,
): Promise<Extract<Api.WatchEvent, { event: Kind }>> {
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) throw new Error(`the events are over, without ${kind}`);
    if (value.event === kind) return value as Extract<Api.WatchEvent, { event: Kind }>;
  }
}

/** Begins to watch: what is asked for first is awaited by an event of its own. */
async function begin(client: Api.Client, prefix: string): Promise<AsyncIterator<Api.WatchEvent>> {
  const events = client.watch(prefix)[Symbol.asyncIterator]();
  const first = events.next();
  for (let isHere = false; !isHere;) {
    await using _lock = await client.acquire(`${prefix}first`);
    isHere = await Promise.race([first.then(() => true), client.ping().then(() => false)]);
  }
  return events;
}

export const watching: readonly Case[] = [
  {
    name: "watch tells what happens to the names that begin so",
    run: async (t) => {
      const client = await t.connect({ name: "alice" });
      const events = await begin(client, "w/");
      await using lock = await client.acquire("w/x", { why: "because" });
      const other = await client.acquire("other");
      const acquired = await next(events, "acquire");
      for (let event = acquired; event.name !== "w/x";) event = await next(events, "acquire");
      const turn = new AbortController();
      const asked = client.acquire("w/x", { wait: "forever", signal: turn.signal });
      const failed = fails(asked, DOMException);
      const waits = await next(events, "wait");
      same([waits.name, waits.holder, waits.queue], ["w/x", "alice", 1]);
      turn.abort();
      await failed;
      await other.release();
      same(await client.force("w/x", "enough"), 1);
      const forced = await next(events, "force");
      same([forced.name, forced.why, forced.count], ["w/x", "enough", 1]);
      const released = await next(events, "release");
      same([released.name, released.cause, released.token], ["w/x", "forced", lock.token]);
      ok(released.at > 1e9);
      await events.return?.();
    },
  },
  {
    name: "watch ends with its signal",
    run: async (t) => {
      const client = await t.connect();
      const turn = new AbortController();
      const seen: string[] = [];
      const watched = (async () => {
        for await (const event of client.watch("", { signal: turn.signal })) {
          seen.push(event.event);
          turn.abort();
        }
      })();
      const failed = fails(watched, DOMException);
      while (seen.length === 0) await (await client.acquire("a")).release();
      same((await failed).name, "AbortError");
    },
  },
  {
    name: "who does not take the events is told that some are lost, and the client goes on",
    run: async (t) => {
      const client = await t.connect();
      const events = await begin(client, "w/");
      for (let i = 0; i < 12; i++) {
        await Promise.all(Array.from({ length: 500 }, async (_, j) => {
          await client.send(`g w/${j}`);
          await client.send(`r w/${j}`);
        }));
      }
      const lost = await next(events, "lost");
      ok(lost.count > 0);
      await client.ping();
      await events.return?.();
    },
  },
  {
    name: "a watch whose connection is cut goes on, and tells that events may be missing",
    run: async (t) => {
      const proxy = await t.proxy();
      const client = await t.connect({}, proxy.url);
      const events = await begin(client, "w/");
      await proxy.cut();
      same((await next(events, "lost")).count, 0);
      const acquired = next(events, "acquire");
      let isOver = false;
      const seen = acquired.then(() => isOver = true);
      while (!isOver) await (await client.acquire("w/again", { wait: 1000 })).release();
      await seen;
      await events.return?.();
    },
  },
  {
    name: "where the server shows nothing, watch, list and describe say so, and locks go without",
    run: async (t) => {
      const server = await t.server(["-dump=false", "-registry=false"]);
      const client = await t.connect({ name: "alice" }, server.url);
      await fails(client.list(), t.api.DisabledError);
      await fails(client.describe("a"), t.api.DisabledError);
      const error = await fails(client.watch()[Symbol.asyncIterator]().next(), t.api.DisabledError);
      same(error.code, "disabled");
      const lock = await client.acquire("a");
      await fails(client.acquire("a"), t.api.BusyError);
      const waits = client.acquire("a", { wait: "forever" });
      await client.ping();
      await lock.release();
      await (await waits).release();
    },
  },
];
