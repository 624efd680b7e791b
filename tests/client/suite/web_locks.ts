/** The Web Locks API, as https://w3c.github.io/web-locks/ specifies it. */
import { assert, assertEquals, rejectionOf, rejects, rejectsAs } from "./assert.ts";
import type { Api, TestCase } from "./suite.ts";

/** Holds a lock until `letGo` is called. */
async function hold(
  locks: Api.LockManager,
  name: string,
  options: Api.LockRequestOptions = {},
): Promise<{ letGo(): void; ended: Promise<string> }> {
  let letGo = () => {};
  let enter = () => {};
  const inside = new Promise<void>((resolve) => enter = resolve);
  const ended = locks.request(name, options, async () => {
    enter();
    await new Promise<void>((resolve) => letGo = resolve);
    return "done";
  });
  ended.catch(() => {});
  await Promise.race([inside, ended]);
  return { letGo: () => letGo(), ended };
}

export const webLocks: readonly TestCase[] = [
  {
    name: "request() calls back with the lock, and returns the result of the callback",
    run: async (t) => {
      const { locks, ...client } = await unbound(t.connect());
      const result = await locks.request("a", async (lock) => {
        assertEquals([lock?.name, lock?.mode], ["a", "exclusive"]);
        assertEquals((await client.describe("a"))?.holders[0]?.mode, "write");
        return 42;
      });
      assertEquals(result, 42);
      assertEquals(await client.describe("a"), undefined);
      assertEquals(await locks.request("a", () => "no promise"), "no promise");
      const error = new Error("thrown by the callback");
      assert(await rejectionOf(locks.request("a", () => Promise.reject(error))) === error);
      assertEquals(await client.describe("a"), undefined);
    },
  },
  {
    name: "shared locks share, and exclude exclusive ones",
    run: async (t) => {
      const { locks } = await t.connect();
      const first = await hold(locks, "a", { mode: "shared" });
      const second = await hold(locks, "a", { mode: "shared" });
      assertEquals(await locks.request("a", { ifAvailable: true }, (lock) => lock), null);
      first.letGo();
      second.letGo();
      assertEquals([await first.ended, await second.ended], ["done", "done"]);
      const alone = await hold(locks, "a");
      const shared = { mode: "shared", ifAvailable: true } as const;
      assertEquals(await locks.request("a", shared, (lock) => lock), null);
      alone.letGo();
      await alone.ended;
      assertEquals(await locks.request("a", shared, (lock) => lock?.mode), "shared");
    },
  },
  {
    name: "requests for one name are granted one after the other, in order",
    run: async (t) => {
      const client = await t.connect();
      const first = await hold(client.locks, "a");
      const order: number[] = [];
      const requests: Promise<void>[] = [];
      for (const i of [1, 2, 3]) {
        requests.push(client.locks.request("a", () => void order.push(i)));
        await t.untilQueued(client, "a", i);
      }
      first.letGo();
      await Promise.all(requests);
      assertEquals(order, [1, 2, 3]);
    },
  },
  {
    name: "a signal ends the wait, and has no effect once the lock is granted",
    run: async (t) => {
      const client = await t.connect();
      const first = await hold(client.locks, "a");
      const controller = new AbortController();
      const pending = client.locks.request("a", { signal: controller.signal }, () => "never");
      const rejected = rejectsAs(pending, "AbortError");
      await t.untilQueued(client, "a", 1);
      controller.abort();
      await rejected;
      await t.untilQueued(client, "a", 0);
      first.letGo();
      await first.ended;
      const late = new AbortController();
      const held = await hold(client.locks, "a", { signal: late.signal });
      late.abort();
      held.letGo();
      assertEquals(await held.ended, "done");
      const reason = new Error("enough");
      const request = client.locks.request("a", { signal: AbortSignal.abort(reason) }, () => 1);
      assert(await rejectionOf(request) === reason);
    },
  },
  {
    name: "the request of a stolen lock rejects with AbortError",
    run: async (t) => {
      const client = await t.connect();
      const victim = await hold(client.locks, "a");
      const waiting = client.locks.request("a", () => "at last");
      await t.untilQueued(client, "a", 1);
      const thief = await hold(client.locks, "a", { steal: true });
      await rejectsAs(victim.ended, "AbortError");
      victim.letGo();
      assertEquals((await client.locks.query()).held.length, 1);
      thief.letGo();
      assertEquals(await thief.ended, "done");
      assertEquals(await waiting, "at last");
      assertEquals(await client.locks.request("free", { steal: true }, () => "stolen"), "stolen");
      assertEquals(await client.list(), []);
    },
  },
  {
    name: "query() returns what is held and what is pending",
    run: async (t) => {
      const client = await t.connect({ name: "alice" });
      assertEquals(await client.locks.query(), { held: [], pending: [] });
      const held = await hold(client.locks, "a", { mode: "shared" });
      const pending = client.locks.request("a", () => "done");
      await t.untilQueued(client, "a", 1);
      assertEquals(await client.locks.query(), {
        held: [{ name: "a", mode: "shared", clientId: "alice" }],
        pending: [{ name: "a", mode: "exclusive", clientId: "alice" }],
      });
      held.letGo();
      assertEquals(await pending, "done");
    },
  },
  {
    name: "contradicting options are rejected as in the standard",
    run: async (t) => {
      const { locks } = await t.connect();
      const never = () => {
        throw new Error("the callback was called");
      };
      const { signal } = new AbortController();
      const wrong: [string, Api.LockRequestOptions][] = [
        ["-reserved", {}],
        ["a", { steal: true, ifAvailable: true }],
        ["a", { steal: true, mode: "shared" }],
        ["a", { signal, steal: true }],
        ["a", { signal, ifAvailable: true }],
      ];
      for (const [name, options] of wrong) {
        await rejectsAs(locks.request(name, options, never), "NotSupportedError");
      }
      const invalid = { mode: "invalid" as Api.LockMode };
      await rejects(locks.request("a", invalid, never), TypeError);
      await rejects(locks.request("a", undefined as unknown as () => void), TypeError);
    },
  },
];

/** Returns a client whose methods are called without it. */
async function unbound(connecting: Promise<Api.Client>): Promise<
  Pick<Api.Client, "locks" | "describe">
> {
  const client = await connecting;
  return { locks: client.locks, describe: (name) => client.describe(name) };
}
