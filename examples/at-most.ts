/**
 * A semaphore: at most N tasks at a time, on all machines together. Here each task takes one of
 * three licences, and the other tasks wait in a fair queue.
 *
 *     deno run --allow-net examples/at-most.ts
 */
// deno-lint-ignore-file no-console
import { type Client, connect, type Lock } from "../lib/client/mod.ts";

/** Runs `task` while holding one of the `max` permits called `name`. */
export async function withPermit<T>(
  client: Client,
  name: string,
  max: number,
  task: (permit: Lock) => Promise<T>,
): Promise<T> {
  await using permit = await client.acquire(name, { mode: "shared", max, wait: "forever" });
  return await task(permit);
}

if (import.meta.main) {
  await using client = await connect(Deno.args[0], { name: `build ${Deno.pid}` });
  const build = async (number: number) => {
    await withPermit(client, "licence", 3, async ({ count: [inUse] }) => {
      console.log(`build ${number} starts; ${inUse} of 3 licences in use`);
      await new Promise((resolve) => setTimeout(resolve, 300)); // the work
    });
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7].map(build));
}
