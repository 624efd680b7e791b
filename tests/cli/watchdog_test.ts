/** When `run` gives up a server that says nothing: timers go off at once here, and are added up. */
import type { Client } from "../../lib/client/mod.ts";
import { SILENCE_MS, silenceMostMs, untilSilent } from "../../lib/cli/run/watchdog.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

/** Stands for the time that passes while a test runs. */
class Timers implements Disposable {
  readonly #setTimeout = globalThis.setTimeout;
  passedMs = 0;

  constructor() {
    globalThis.setTimeout = ((ring: () => void, ms: number) => {
      this.passedMs += ms;
      return this.#setTimeout(ring, 0);
    }) as typeof setTimeout;
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
  }
}

/** A client of which only pings are asked. */
function clientOf(ping: () => Promise<void>): Client {
  return { ping } as unknown as Client;
}

Deno.test("the connections know of silence, or run does; --keep gives more time", () => {
  assertEquals(silenceMostMs(90_000, 600_000), undefined);
  assertEquals(silenceMostMs(0), SILENCE_MS);
  assertEquals(silenceMostMs(0, 600_000), SILENCE_MS + 600_000);
});

for (const keepMs of [0, 600_000]) {
  const mostMs = SILENCE_MS + keepMs;
  Deno.test(`a server is given up after ${mostMs} ms without an answer, connected or not`, async () => {
    for (const ping of [() => new Promise<void>(() => {}), () => Promise.reject(new Error())]) {
      using timers = new Timers();
      assertMatch(
        await untilSilent(clientOf(ping), mostMs, new AbortController().signal),
        /for \d+/,
      );
      assertEquals(timers.passedMs, mostMs);
    }
  });
}

Deno.test("an answer starts the silence anew", async () => {
  using timers = new Timers();
  let answers = 0;
  const ping = () => ++answers > 5 ? new Promise<void>(() => {}) : Promise.resolve();
  await untilSilent(clientOf(ping), SILENCE_MS, new AbortController().signal);
  assertEquals(timers.passedMs, 4 * 10_000 + SILENCE_MS);
});
