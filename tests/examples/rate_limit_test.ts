/** examples/rate-limit.ts: N requests in a sliding window, by a server whose clock stands still. */
import { isWithinLimit, setLimit } from "../../examples/rate-limit.ts";
import { connectPools } from "../../lib/client/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { urlOf } from "../support/cli.ts";
import { startInner } from "../support/server.ts";

Deno.test("isWithinLimit() allows N requests of all clients in any window, and no more", async () => {
  await using server = await startInner();
  await using one = await connectPools(urlOf(server.looky));
  await using other = await connectPools(urlOf(server.looky));
  await setLimit(one, "api", { requests: 3, seconds: 10 });
  await setLimit(other, "api", { requests: 3, seconds: 10 }); // a second program does the same
  const ask = () => Promise.all([one, other].map((pools) => isWithinLimit(pools, "api")));
  const startMs = server.clock.nowMs;
  assertEquals(await isWithinLimit(one, "api"), true);
  server.clock.nowMs = startMs + 4_000;
  assertEquals(await ask(), [true, true]);
  assertEquals(await ask(), [false, false]);
  server.clock.nowMs = startMs + 9_999;
  assertEquals(await ask(), [false, false]);
  server.clock.nowMs = startMs + 10_000; // the first request leaves the window
  assertEquals((await ask()).toSorted(), [false, true]);
  server.clock.nowMs = startMs + 14_000; // the second and the third do
  assertEquals(await ask(), [true, true]);
  assertEquals(await ask(), [false, false]);
});

Deno.test("setLimit() raises the limit of a pool that is in use", async () => {
  await using server = await startInner();
  await using pools = await connectPools(urlOf(server.looky));
  await setLimit(pools, "api", { requests: 1, seconds: 10 });
  assertEquals(await isWithinLimit(pools, "api"), true);
  assertEquals(await isWithinLimit(pools, "api"), false);
  await setLimit(pools, "api", { requests: 2, seconds: 10 });
  assertEquals(await isWithinLimit(pools, "api"), true);
  assertEquals(await isWithinLimit(pools, "api"), false);
});
