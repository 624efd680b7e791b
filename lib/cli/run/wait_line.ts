/**
 * The line on a person's terminal while `run` waits: who has it, why, since when, and our place in
 * the queue. One line, drawn in place, as wide as the terminal at most, and gone when the wait is
 * over. Where stderr is no terminal, or we are in the background, nothing is drawn.
 */
import type { LockInfo } from "../../client/mod.ts";
import { log } from "../../log.ts";
import { cut, harmless } from "../terminal_text.ts";
import { writeClock, writeSpan } from "../durations.ts";
import { isForeground } from "./posix.ts";

/** What is had at once shows nothing. */
const FIRST_MS = 200;
const EVERY_MS = 1000;
const COLUMNS_ELSEWHERE = 80;
/** To the beginning of the line, and nothing behind it. */
const CLEAR = "\r\x1b[K";

/** Draws what `tell` says, about once a second, until it is disposed of or the signal aborts. */
export class WaitLine implements Disposable {
  readonly #began = performance.now();
  readonly #tell: (waitedMs: number) => Promise<string> | string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawn = false;

  constructor(tell: (waitedMs: number) => Promise<string> | string, signal: AbortSignal) {
    this.#tell = tell;
    if (!log.isTerminal("stderr") || signal.aborted) return;
    this.#timer = setTimeout(() => this.#draw(), FIRST_MS);
    // At once, before the signal that this stands for ends us.
    signal.addEventListener("abort", () => this[Symbol.dispose]());
  }

  async #draw(): Promise<void> {
    const timer = this.#timer;
    const text = await this.#tell(performance.now() - this.#began);
    if (timer !== this.#timer) return; // over meanwhile
    if (isForeground()) {
      // One cell is left free: in the last one some terminals go to the next line.
      log.draw(CLEAR + cut(text, terminalColumns() - 1));
      this.#drawn = true;
    }
    this.#timer = setTimeout(() => this.#draw(), EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#drawn) log.draw(CLEAR);
    this.#drawn = false;
  }
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || COLUMNS_ELSEWHERE;
  } catch {
    return COLUMNS_ELSEWHERE;
  }
}

/** Who asks, and how. */
export interface Asker {
  /** The name of the connection that waits. */
  readonly name: string;
  readonly shared: boolean;
}

/**
 * "Waiting for backup (12s, place 2 of 4): held by alice@build-7:4711 since 14:02:11 (3m), nightly",
 * the most important first, because a narrow terminal cuts it. `info` is of the first name that
 * stands in the way; undefined when nobody can tell.
 */
export function waitText(
  names: readonly string[],
  info: LockInfo | undefined,
  { name, shared }: Asker,
  waitedMs: number,
  nowMs: number,
): string {
  const place = info === undefined ? undefined : placeIn(info, name, waitedMs);
  const position = place === undefined ? "" : `, place ${place} of ${info?.queue.length}`;
  const head = `Waiting for ${harmless(names.join(", "))} (${writeSpan(waitedMs)}${position})`;
  const [first] = info?.holders ?? [];
  if (info === undefined || first === undefined) return head;
  const of = names.length > 1 ? `${harmless(info.name)} is ` : "";
  const more = info.holders.length > 1 ? ` and ${info.holders.length - 1} more` : "";
  const since = `since ${writeClock(first.since)} (${writeSpan(nowMs - first.since)})`;
  const absent = first.absent ? ", cut off" : "";
  const why = first.why === undefined ? "" : `, ${harmless(first.why)}`;
  const held = shared ? "taken" : "held";
  return `${head}: ${of}${held} by ${harmless(first.name)}${more} ${since}${absent}${why}`;
}

/** Our place in the queue, from 1; of those with our name the one that has waited as long as we. */
function placeIn({ queue }: LockInfo, name: string, waitedMs: number): number | undefined {
  let best: number | undefined;
  let difference = Infinity;
  queue.forEach((waiter, i) => {
    const apart = Math.abs(waiter.waited - waitedMs);
    if (waiter.name === name && apart < difference) [best, difference] = [i + 1, apart];
  });
  return best;
}
