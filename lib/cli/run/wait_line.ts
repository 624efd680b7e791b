/**
 * The line that `run` shows on the terminal while it waits: the holder, since when and why it holds
 * the lock, and the position in the wait queue. The line is truncated to the width of the terminal,
 * redrawn in place, and erased after the wait. Nothing is drawn while the process is in the
 * background, or when stderr is not a terminal.
 */
import type { LockInfo } from "../../client/mod.ts";
import { log } from "../../log.ts";
import { formatDuration, formatTimeOfDay } from "../durations.ts";
import { escapeControls, truncate } from "../terminal_text.ts";
import { isForeground } from "./posix.ts";

/** Nothing is drawn for a shorter wait. */
const FIRST_DRAW_MS = 200;
const REDRAW_MS = 1000;
const DEFAULT_COLUMNS = 80;
/** Moves the cursor to the start of the line, and erases the line. */
const CLEAR = "\r\x1b[K";

/** Draws the text of `describe` about once a second, until disposed of or `signal` aborts. */
export class WaitLine implements Disposable {
  readonly #startedMs = performance.now();
  readonly #describe: (waitedMs: number) => Promise<string> | string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDrawn = false;

  constructor(describe: (waitedMs: number) => Promise<string> | string, signal: AbortSignal) {
    this.#describe = describe;
    if (!log.isTerminal("stderr") || signal.aborted) return;
    this.#timer = setTimeout(() => this.#draw(), FIRST_DRAW_MS);
    // Erases the line at once: the interrupted process is about to end.
    signal.addEventListener("abort", () => this[Symbol.dispose]());
  }

  async #draw(): Promise<void> {
    const timer = this.#timer;
    const text = await this.#describe(performance.now() - this.#startedMs);
    if (timer !== this.#timer) return; // the wait ended in the meantime
    if (isForeground()) {
      // Leaves the last cell free, because some terminals wrap when it is written.
      log.draw(CLEAR + truncate(text, terminalColumns() - 1));
      this.#isDrawn = true;
    }
    this.#timer = setTimeout(() => this.#draw(), REDRAW_MS);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isDrawn) log.draw(CLEAR);
    this.#isDrawn = false;
  }
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || DEFAULT_COLUMNS;
  } catch {
    return DEFAULT_COLUMNS;
  }
}

/**
 * Returns "Waiting for backup (12s, position 2 of 4): held by alice@build-7:4711 since 14:02:11
 * (3m), nightly". The most important part comes first, because a narrow terminal truncates the end.
 * @param info the first lock that is not available; undefined when it is not known
 * @param name the name of the waiting connection
 */
export function waitText(
  names: readonly string[],
  info: LockInfo | undefined,
  name: string,
  waitedMs: number,
  nowMs: number,
): string {
  const position = info === undefined ? undefined : positionIn(info, name, waitedMs);
  const queued = position === undefined ? "" : `, position ${position} of ${info?.queue.length}`;
  const locks = escapeControls(names.join(", "));
  const head = `Waiting for ${locks} (${formatDuration(waitedMs)}${queued})`;
  const [first] = info?.holders ?? [];
  if (info === undefined || first === undefined) return head;
  const lock = names.length > 1 ? `${escapeControls(info.name)} is ` : "";
  const more = info.holders.length > 1 ? ` and ${info.holders.length - 1} more` : "";
  const since = `since ${formatTimeOfDay(first.since)} (${formatDuration(nowMs - first.since)})`;
  const absent = first.absent ? ", disconnected" : "";
  const why = first.why === undefined ? "" : `, ${escapeControls(first.why)}`;
  return `${head}: ${lock}held by ${escapeControls(first.name)}${more} ${since}${absent}${why}`;
}

/** Counts from 1. Of several waiters with this name, picks the one with the closest wait time. */
function positionIn({ queue }: LockInfo, name: string, waitedMs: number): number | undefined {
  let best: number | undefined;
  let smallestMs = Infinity;
  queue.forEach((waiter, i) => {
    const differenceMs = Math.abs(waiter.waited - waitedMs);
    if (waiter.name === name && differenceMs < smallestMs) {
      [best, smallestMs] = [i + 1, differenceMs];
    }
  });
  return best;
}
