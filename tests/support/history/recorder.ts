/** Records what clients send and receive, in the order in which it happens in this process. */
import { readLine, valueOf } from "../../../lib/wire/extended.ts";
import type { Connection, Ending, History, Op, Options, Verb, WatchEvent } from "./types.ts";

/** A request before it is sent. */
export interface PlannedRequest {
  readonly verb: Verb;
  readonly names: readonly string[];
  readonly options: Options;
}

export class Recorder {
  readonly #connections: Connection[] = [];
  readonly #ops: Op[] = [];
  readonly #events: WatchEvent[] = [];
  readonly #problems: string[] = [];
  readonly #listeners = new Set<() => void>();
  #tick = 0;
  /** When something was last received, to detect a server that has stopped replying. */
  lastActivityMs = Date.now();

  /** The history so far. */
  get history(): History {
    return {
      connections: this.#connections,
      ops: this.#ops,
      events: this.#events,
      problems: this.#problems,
    };
  }

  addConnection(name: string): Connection {
    const connection: Connection = { name };
    this.#connections.push(connection);
    return connection;
  }

  /** Records how a connection ends. Call it before doing so; only the first ending counts. */
  recordEnd(connection: Connection, how: Ending): void {
    connection.end ??= { how, eventsSeen: this.#events.length, ms: Date.now() };
  }

  recordRequest(connection: Connection, { verb, names, options }: PlannedRequest): Op {
    const sent = { tick: ++this.#tick, ms: Date.now(), eventsSeen: this.#events.length };
    const op: Op = {
      id: this.#ops.length,
      connection: connection.name,
      verb,
      names,
      options,
      sent,
    };
    this.#ops.push(op);
    return op;
  }

  recordReply(op: Op, text: string): void {
    this.lastActivityMs = Date.now();
    op.received = { tick: ++this.#tick, ms: this.lastActivityMs, text };
  }

  /** Records a line that the watcher received. */
  recordEvent(text: string): void {
    this.#tick++;
    this.lastActivityMs = Date.now();
    const line = readLine(text);
    const json = line?.kind === "*" && line.word === "event" ? valueOf(line, "json") : undefined;
    if (json === undefined) {
      this.addProblem(`the watcher received ${JSON.stringify(text)}`);
      return;
    }
    this.#events.push(JSON.parse(json));
    for (const check of this.#listeners) check();
  }

  /** Resolves to true when such an event comes or has come, to false after `timeoutMs`. */
  async waitForEvent(
    event: WatchEvent["event"],
    name: string,
    timeoutMs: number,
  ): Promise<boolean> {
    let from = 0;
    return await new Promise<boolean>((resolve) => {
      const end = (hasCome: boolean): void => {
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(hasCome);
      };
      const timer = setTimeout(() => end(false), timeoutMs);
      const check = (): void => {
        while (from < this.#events.length) {
          const next = this.#events[from++]!;
          if (next.event === event && next.name === name) return end(true);
        }
      };
      this.#listeners.add(check);
      check();
    });
  }

  addProblem(problem: string): void {
    this.#problems.push(problem);
  }
}
