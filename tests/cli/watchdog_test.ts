/** When `run` gives up a silent server. Timers fire at once here, and their times are added up. */
import type { Client } from "../../lib/client/mod.ts";
import { SILENCE_LIMIT_MS, silenceLimitMs, untilSilent } from "../../lib/cli/run/watchdog.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

/** Replaces setTimeout while a test runs. */
class ImmediateTimers implements Disposable {
  readonly #setTimeout = globalThis.setTimeout;
  passedMs = 0;

  constructor() {
    globalThis.setTimeout = ((callback: () => void, ms: number) => {
      this.passedMs += ms;
      return this.#setTimeout(callback, 0);
    }) as typeof setTimeout;
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
  }
}

/** Returns a client that can only ping. */
function clientOf(ping: () => Promise<void>): Client {
  return { ping } as unknown as Client;
}

Deno.test("silenceLimitMs() is undefined with an idle timeout, and otherwise includes --keep", () => {
  assertEquals(silenceLimitMs(90_000, 600_000), undefined);
  assertEquals(silenceLimitMs(0), SILENCE_LIMIT_MS);
  assertEquals(silenceLimitMs(0, 600_000), SILENCE_LIMIT_MS + 600_000);
});

for (const keepMs of [0, 600_000]) {
  const limitMs = SILENCE_LIMIT_MS + keepMs;
  Deno.test(`untilSilent() resolves after ${limitMs} ms without a reply, connected or not`, async () => {
    for (const ping of [() => new Promise<void>(() => {}), () => Promise.reject(new Error())]) {
      using timers = new ImmediateTimers();
      assertMatch(
        await untilSilent(clientOf(ping), limitMs, new AbortController().signal),
        /for \d+/,
      );
      assertEquals(timers.passedMs, limitMs);
    }
  });
}

Deno.test("untilSilent() counts from the last reply", async () => {
  using timers = new ImmediateTimers();
  let replies = 0;
  const ping = () => ++replies > 5 ? new Promise<void>(() => {}) : Promise.resolve();
  await untilSilent(clientOf(ping), SILENCE_LIMIT_MS, new AbortController().signal);
  assertEquals(timers.passedMs, 4 * 10_000 + SILENCE_LIMIT_MS);
});
