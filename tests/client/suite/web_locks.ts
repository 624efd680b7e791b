/** The Web Locks API, as https://w3c.github.io/web-locks/ has it. */
import { fails, failsAs, failure, ok, same } from "./check.ts";
import type { Api, Case } from "./suite.ts";

/** Holds a lock until told to let go. */
async function hold(
  locks: Api.LockManager,
  name: string,
  options: Api.LockRequestOptions = {},
): Promise<{ letGo(): void; over: Promise<string> }> {
  let letGo = () => {};
  let isIn = () => {};
  const inside = new Promise<void>((resolve) => isIn = resolve);
  const over = locks.request(name, options, async () => {
    isIn();
    await new Promise<void>((resolve) => letGo = resolve);
    return "done";
  });
  over.catch(() => {});
  await Promise.race([inside, over]);
  return { letGo: () => letGo(), over };
}

export const webLocks: readonly Case[] = [
  {
    name: "request calls back with the lock, and returns what the callback returns",
    run: async (t) => {
      const { locks, ...client } = await named(t.connect());
      const result = await locks.request("a", async (lock) => {
        same([lock?.name, lock?.mode], ["a", "exclusive"]);
        same((await client.describe("a"))?.holders[0]?.mode, "write");
        return 42;
      });
      same(result, 42);
      same(await client.describe("a"), undefined);
      same(await locks.request("a", () => "no promise"), "no promise");
      const error = new Error("thrown by the callback");
      ok(await failure(locks.request("a", () => Promise.reject(error))) === error);
      same(await client.describe("a"), undefined);
    },
  },
  {
    name: "shared locks share, and exclude exclusive ones",
    run: async (t) => {
      const { locks } = await t.connect();
      const first = await hold(locks, "a", { mode: "shared" });
      const second = await hold(locks, "a", { mode: "shared" });
      same(await locks.request("a", { ifAvailable: true }, (lock) => lock), null);
      first.letGo();
      second.letGo();
      same([await first.over, await second.over], ["done", "done"]);
      const alone = await hold(locks, "a");
      const shared = { mode: "shared", ifAvailable: true } as const;
      same(await locks.request("a", shared, (lock) => lock), null);
      alone.letGo();
      await alone.over;
      same(await locks.request("a", shared, (lock) => lock?.mode), "shared");
    },
  },
  {
    name: "requests of one name are served one after the other, in order",
    run: async (t) => {
      const client = await t.connect();
      const first = await hold(client.locks, "a");
      const order: number[] = [];
      const turns: Promise<void>[] = [];
      for (const i of [1, 2, 3]) {
        turns.push(client.locks.request("a", () => void order.push(i)));
        await t.untilQueued(client, "a", i);
      }
      first.letGo();
      await Promise.all(turns);
      same(order, [1, 2, 3]);
    },
  },
  {
    name: "a signal gives up waiting, and changes nothing once the lock is granted",
    run: async (t) => {
      const client = await t.connect();
      const first = await hold(client.locks, "a");
      const turn = new AbortController();
      const asked = client.locks.request("a", { signal: turn.signal }, () => "never");
      const failed = failsAs(asked, "AbortError");
      await t.untilQueued(client, "a", 1);
      turn.abort();
      await failed;
      await t.untilQueued(client, "a", 0);
      first.letGo();
      await first.over;
      const late = new AbortController();
      const held = await hold(client.locks, "a", { signal: late.signal });
      late.abort();
      held.letGo();
      same(await held.over, "done");
      const reason = new Error("enough");
      const request = client.locks.request("a", { signal: AbortSignal.abort(reason) }, () => 1);
      ok(await failure(request) === reason);
    },
  },
  {
    name: "a stolen lock: its request fails with AbortError, the thief has it",
    run: async (t) => {
      const client = await t.connect();
      const victim = await hold(client.locks, "a");
      const waiting = client.locks.request("a", () => "at last");
      await t.untilQueued(client, "a", 1);
      const thief = await hold(client.locks, "a", { steal: true });
      await failsAs(victim.over, "AbortError");
      victim.letGo();
      same((await client.locks.query()).held.length, 1);
      thief.letGo();
      same(await thief.over, "done");
      same(await waiting, "at last");
      same(await client.locks.request("free", { steal: true }, () => "stolen"), "stolen");
      same(await client.list(), []);
    },
  },
  {
    name: "query tells what is held and what is waited for",
    run: async (t) => {
      const client = await t.connect({ name: "alice" });
      same(await client.locks.query(), { held: [], pending: [] });
      const held = await hold(client.locks, "a", { mode: "shared" });
      const asked = client.locks.request("a", () => "done");
      await t.untilQueued(client, "a", 1);
      same(await client.locks.query(), {
        held: [{ name: "a", mode: "shared", clientId: "alice" }],
        pending: [{ name: "a", mode: "exclusive", clientId: "alice" }],
      });
      held.letGo();
      same(await asked, "done");
    },
  },
  {
    name: "options that contradict each other are refused as in the standard",
    run: async (t) => {
      const { locks } = await t.connect();
      const never = () => {
        throw new Error("it was called back");
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
        await failsAs(locks.request(name, options, never), "NotSupportedError");
      }
      const unheard = { mode: "unheard" as Api.LockMode };
      await fails(locks.request("a", unheard, never), TypeError);
      await fails(locks.request("a", undefined as unknown as () => void), TypeError);
    },
  },
];

/** Its methods apart from it. */
async function named(connecting: Promise<Api.Client>): Promise<
  Pick<Api.Client, "locks" | "describe">
> {
  const client = await connecting;
  return { locks: client.locks, describe: (name) => client.describe(name) };
}
