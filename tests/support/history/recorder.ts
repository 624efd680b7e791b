/** Writes down what clients do and see, in the order in which it happens here. */
import { readLine, valueOf } from "../../../lib/wire/extended.ts";
import type { Ending, History, Life, Op, Options, Verb, WatchEvent } from "./types.ts";

/** A request before it is sent. */
export interface Draft {
  readonly verb: Verb;
  readonly names: readonly string[];
  readonly options: Options;
}

export class Recorder {
  readonly #lives: Life[] = [];
  readonly #ops: Op[] = [];
  readonly #events: WatchEvent[] = [];
  readonly #found: string[] = [];
  readonly #waiting = new Set<() => void>();
  #tick = 0;
  /** When something came last, for those who wait for something to come. */
  lastMs = Date.now();

  /** Everything so far. */
  get history(): History {
    return { lives: this.#lives, ops: this.#ops, events: this.#events, found: this.#found };
  }

  begin(name: string): Life {
    const life: Life = { name };
    this.#lives.push(life);
    return life;
  }

  /** Must be said before the first thing is done that ends it; only the first ending counts. */
  end(life: Life, how: Ending): void {
    life.end ??= { how, seen: this.#events.length, ms: Date.now() };
  }

  send(life: Life, { verb, names, options }: Draft): Op {
    const sent = { tick: ++this.#tick, ms: Date.now(), seen: this.#events.length };
    const op: Op = { id: this.#ops.length, life: life.name, verb, names, options, sent };
    this.#ops.push(op);
    return op;
  }

  receive(op: Op, text: string): void {
    this.lastMs = Date.now();
    op.got = { tick: ++this.#tick, ms: this.lastMs, text };
  }

  /** A line of the watcher's. */
  watch(text: string): void {
    this.#tick++;
    this.lastMs = Date.now();
    const line = readLine(text);
    const json = line?.kind === "*" && line.word === "event" ? valueOf(line, "json") : undefined;
    if (json === undefined) {
      this.find(`the watcher was told ${JSON.stringify(text)}`);
      return;
    }
    this.#events.push(JSON.parse(json));
    for (const look of this.#waiting) look();
  }

  /** Resolves to whether such an event was told, now or earlier, before patience was at an end. */
  async until(event: WatchEvent["event"], name: string, patienceMs: number): Promise<boolean> {
    let from = 0;
    return await new Promise<boolean>((resolve) => {
      const end = (isTold: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(isTold);
      };
      const timer = setTimeout(() => end(false), patienceMs);
      const look = (): void => {
        while (from < this.#events.length) {
          const one = this.#events[from++]!;
          if (one.event === event && one.name === name) return end(true);
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  find(problem: string): void {
    this.#found.push(problem);
  }
}
