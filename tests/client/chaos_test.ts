/**
 * Clients whose connections are cut again and again, by chance: tokens only rise, nobody is ever in
 * with another who was not told of a loss, and in the end nothing is left behind.
 */
import { type Client, connect, HoldfastError } from "../../lib/client/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { CutProxy } from "../support/cut_proxy.ts";
import { below, seededRandom, someSeeds } from "../support/random.ts";
import { startInner } from "../support/server.ts";

const CLIENTS = 6;
const TURNS = 25;
const NAMES = ["a", "b", "c"];
/** Nothing here may have to wait for its end: what is left behind by mistake shows as a standstill. */
const GRACE_MS = 600_000;

for (const seed of someSeeds()) {
  Deno.test(`connections that are cut by chance leave nothing behind (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    await using server = await startInner();
    const to = `tcp://127.0.0.1:${server.tcp.port}`;
    const proxies = await Promise.all(Array.from({ length: 3 }, () => CutProxy.open(to)));
    const proxyOf = (i: number) => proxies[i % proxies.length]!;
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, (_, i) => connect(proxyOf(i).url, { name: `client ${i}` })),
    );
    await using watcher = await connect(to);
    const tokens = new Map<string, number>();
    let left = CLIENTS;
    const work = async (client: Client) => {
      for (let turn = 0; turn < TURNS; turn++) {
        const names = NAMES.filter(() => random() < 0.5);
        if (names.length > 0) await once(client, names, random, tokens);
      }
      left--;
    };
    const cut = async () => {
      while (left > 0) {
        // So many questions as chance will have it, so that cuts come at all moments.
        for (let pause = random() * 100; pause > 0; pause--) await watcher.ping();
        proxyOf(below(random, proxies.length)).cut();
      }
    };
    await Promise.all([...clients.map(work), cut()]);
    for (const client of clients) await client.close();
    assertEquals(await watcher.list(), []);
    for (const proxy of proxies) proxy.close();
  });
}

/** Takes the locks, looks about, gives them back. */
async function once(
  client: Client,
  names: readonly string[],
  random: () => number,
  tokens: Map<string, number>,
): Promise<void> {
  const grace = random() < 0.7 ? GRACE_MS : undefined;
  const isHasty = random() < 0.2;
  const turn = new AbortController();
  const options = { wait: "forever", grace, signal: turn.signal } as const;
  const asked = client.acquire(names, options).catch((error: unknown): undefined => {
    if (!(error instanceof HoldfastError)) throw error;
  });
  if (isHasty) {
    await client.ping().catch(() => {});
    turn.abort(new HoldfastError("error", "hasty"));
  }
  const lock = await asked;
  if (lock === undefined) return;
  await using held = lock;
  for (const name of names) {
    assert(held.token > (tokens.get(name) ?? 0), `the token of ${name} has not risen`);
    tokens.set(name, held.token);
  }
  for (let pause = random() * 5; pause > 0; pause--) await client.ping().catch(() => {});
  if (grace === undefined) return; // it may have been lost, and nobody here knows yet
  assert(!held.signal.aborted, "a lock was lost that grace keeps");
  for (const name of names) assertEquals(tokens.get(name), held.token);
}
