/**
 * Clients whose connections are cut at random: tokens only grow, locks with grace are not lost, and at
 * the end nothing is left behind.
 */
import { type Client, connect, HoldfastError } from "../../lib/client/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { CutProxy } from "../support/cut_proxy.ts";
import { below, seededRandom, someSeeds } from "../support/random.ts";
import { startInner } from "../support/server.ts";

const CLIENTS = 6;
const ROUNDS = 25;
const NAMES = ["a", "b", "c"];
/** Longer than the test: a lock that is left behind by mistake makes it hang. */
const GRACE_MS = 600_000;

for (const seed of someSeeds()) {
  Deno.test(`clients whose connections are cut at random leave nothing behind (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    await using server = await startInner();
    const url = `tcp://127.0.0.1:${server.tcp.port}`;
    const proxies = await Promise.all(Array.from({ length: 3 }, () => CutProxy.open(url)));
    const proxyOf = (i: number) => proxies[i % proxies.length]!;
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, (_, i) => connect(proxyOf(i).url, { name: `client ${i}` })),
    );
    await using watcher = await connect(url);
    const tokens = new Map<string, number>();
    let running = CLIENTS;
    const work = async (client: Client) => {
      for (let round = 0; round < ROUNDS; round++) {
        const names = NAMES.filter(() => random() < 0.5);
        if (names.length > 0) await holdOnce(client, names, random, tokens);
      }
      running--;
    };
    const cut = async () => {
      while (running > 0) {
        // A random number of requests, so that cuts come at all stages.
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

/** Acquires the locks, checks their tokens, and releases them. */
async function holdOnce(
  client: Client,
  names: readonly string[],
  random: () => number,
  tokens: Map<string, number>,
): Promise<void> {
  const grace = random() < 0.7 ? GRACE_MS : undefined;
  const isAborted = random() < 0.2;
  const controller = new AbortController();
  const options = { wait: "forever", grace, signal: controller.signal } as const;
  const pending = client.acquire(names, options).catch((error: unknown): undefined => {
    if (!(error instanceof HoldfastError)) throw error;
  });
  if (isAborted) {
    await client.ping().catch(() => {});
    controller.abort(new HoldfastError("error", "aborted at random"));
  }
  const lock = await pending;
  if (lock === undefined) return;
  await using held = lock;
  for (const name of names) {
    assert(held.token > (tokens.get(name) ?? 0), `the token of ${name} did not grow`);
    tokens.set(name, held.token);
  }
  for (let pause = random() * 5; pause > 0; pause--) await client.ping().catch(() => {});
  if (grace === undefined) return; // it may be lost, and the client not know it yet
  assert(!held.signal.aborted, "a lock with grace was lost");
  for (const name of names) assertEquals(tokens.get(name), held.token);
}
