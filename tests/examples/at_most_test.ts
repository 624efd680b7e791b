/** examples/at-most.ts: a semaphore that several clients share. */
import { withPermit } from "../../examples/at-most.ts";
import { connect } from "../../lib/client/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { untilLock, urlOf } from "../support/cli.ts";
import { startInner } from "../support/server.ts";

const MAX = 3;
const TASKS = 8;

Deno.test("withPermit() never runs more tasks at a time than there are permits", async () => {
  await using server = await startInner();
  await using one = await connect(urlOf(server.tcp));
  await using other = await connect(urlOf(server.tcp));
  const running: (() => void)[] = [];
  let started = 0;
  const tasks = Array.from(
    { length: TASKS },
    (_, i) =>
      withPermit(i % 2 === 0 ? one : other, "licence", MAX, async ({ count: [inUse = 0] }) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        started++;
        running.push(resolve);
        assertEquals([running.length <= MAX, inUse <= MAX], [true, true]);
        await promise;
      }),
  );
  for (let ended = 0; ended < TASKS; ended++) {
    const waiting = Math.max(0, TASKS - MAX - ended);
    const info = await untilLock(
      one,
      "licence",
      (info) => info?.queue.length === waiting && started === TASKS - waiting,
    );
    assertEquals(info?.holders.length, Math.min(MAX, TASKS - ended));
    running.shift()!();
    await untilLock(one, "licence", (info) => started > TASKS - waiting || waiting === 0 || !info);
  }
  await Promise.all(tasks);
  assertEquals([started, await one.describe("licence")], [TASKS, undefined]);
});
