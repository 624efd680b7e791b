/**
 * A rate limit: at most N requests in any window of a given length, for all programs together. The
 * limit is a pool with room for N sessions, each of which ends when the window has passed. Each
 * request is a new consumer.
 *
 *     deno run --allow-net examples/rate-limit.ts
 */
// deno-lint-ignore-file no-console
import { connectPools, type PoolClient, PoolError } from "../lib/client/mod.ts";

/** Creates the pool, or changes the limit of an existing pool. */
export async function setLimit(
  pools: PoolClient,
  pool: string,
  { requests, seconds }: { readonly requests: number; readonly seconds: number },
): Promise<void> {
  await pools.addPool(pool).catch((error: unknown) => {
    if (!(error instanceof PoolError && error.code === "conflict")) throw error;
  });
  await pools.setLatency(seconds, pool);
  await pools.setResource("request", requests, pool);
}

/** Returns whether one more request is within the limit now, and if so counts the request. */
export async function isWithinLimit(pools: PoolClient, pool: string): Promise<boolean> {
  try {
    await pools.consume(pool, crypto.randomUUID());
    return true;
  } catch (error) {
    if (error instanceof PoolError && error.code === "no-room") return false;
    throw error;
  }
}

if (import.meta.main) {
  await using pools = await connectPools(Deno.args[0]);
  await setLimit(pools, "mail-api", { requests: 5, seconds: 10 });
  for (let number = 1; number <= 8; number++) {
    console.log(
      `request ${number}: ${await isWithinLimit(pools, "mail-api") ? "sent" : "refused"}`,
    );
  }
}
