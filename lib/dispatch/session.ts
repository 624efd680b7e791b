/**
 * One connection's life: read a chunk, run every whole line in it, write the replies once.
 *
 * Requests of a connection run one at a time and in order. The loop waits only when it was handed a
 * promise. Whatever ends the conversation, `leave` runs exactly once, after the last request has
 * settled and before the connection is closed, so that a peer which has seen our end may rely on it.
 */
import { after, type Engine, type Outcome } from "../engine/engine.ts";
import { log } from "../log.ts";
import { type Connection, ConnectionLostError } from "../transport/connection.ts";
import { Encoder } from "../wire/bytes.ts";
import type { Dialect } from "../wire/dialect.ts";
import { LineReader } from "../wire/lines.ts";
import type { Context, Reply } from "./command.ts";
import { passGate } from "./gate.ts";
import type { Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { Table } from "./table.ts";

/** What all sessions of one protocol share. */
export interface Service {
  readonly dialect: Dialect;
  readonly table: Table;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  readonly lineBytesMax: number;
  /** Where sessions tell what they do, when somebody wants to know. */
  readonly tell: ((event: string) => void) | undefined;
}

/** Replies are sent when a chunk is done, or earlier once this much text has gathered. */
const FLUSH_LENGTH = 64 * 1024;

/** Serves a connection to its end; never throws. */
export async function serveSession(connection: Connection, service: Service): Promise<void> {
  const context = enter(connection, service);
  const conversation = new Conversation(connection, service, context);
  try {
    for (let over = false; !over;) {
      const chunk = await connection.read();
      over = chunk === null;
      const waiting = conversation.hear(chunk);
      if (waiting !== undefined) await waiting;
    }
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) log.error(bugReport(error));
  }
  // Nothing may be awaited between the end of the reading and this: whoever asks next, over another
  // connection and in the same turn of the event loop, must find the locks free.
  try {
    await leave(context);
  } catch (error) {
    log.error(bugReport(error));
  }
  await connection.close();
}

function enter(connection: Connection, service: Service): Context {
  const { engine, registry, stats, table, tell } = service;
  const owner = registry.enter(connection.address);
  const note = tell && ((what: string) => tell(`${connection.address} ${what}`));
  note?.("connected");
  return { owner, engine, registry, stats, table, note };
}

/** What is said and answered; a method gives a promise only when something has to be waited for. */
class Conversation {
  readonly #connection: Connection;
  readonly #dialect: Dialect;
  readonly #context: Context;
  readonly #lines: LineReader;
  readonly #encoder = new Encoder();
  #replies = "";

  constructor(connection: Connection, { dialect, lineBytesMax }: Service, context: Context) {
    this.#connection = connection;
    this.#dialect = dialect;
    this.#context = context;
    this.#lines = new LineReader(lineBytesMax);
  }

  /** Runs every line that the chunk completes, and answers; null is the end of the input. */
  hear(chunk: Uint8Array | null): Promise<void> | undefined {
    if (chunk !== null) this.#lines.push(chunk);
    else if (this.#connection.edge === "none") this.#lines.finish();
    else return undefined; // half a message is no request
    return this.#run();
  }

  #run(): Promise<void> | undefined {
    const isStream = this.#connection.edge === "none";
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const reply = passGate(this.#dialect, line, this.#context);
      if (typeof reply !== "string") return this.#wait(reply);
      this.#replies += reply;
      if (isStream && this.#replies.length > FLUSH_LENGTH) {
        return this.#send().then(() => this.#run());
      }
    }
    const isDue = isStream ? this.#replies !== "" : this.#connection.edge === "end";
    return isDue ? this.#send() : undefined;
  }

  async #wait(reply: Promise<Reply>): Promise<void> {
    this.#replies += await reply;
    await this.#run();
  }

  #send(): Promise<void> {
    const bytes = this.#encoder.encode(this.#replies);
    this.#replies = "";
    return this.#connection.write(bytes);
  }
}

function leave({ owner, engine, registry, stats, note }: Context): Outcome<void> {
  return after(engine.leave(owner), ({ exclusive, shared }) => {
    registry.leave(owner);
    stats.orphans += exclusive.size;
    stats.sharedOrphans += shared.size;
    if (note === undefined) return;
    for (const name of exclusive) note(`orphaned lock ${name}`);
    for (const name of shared) note(`orphaned shared lock ${name}`);
    note("disconnected");
  });
}

function bugReport(error: unknown): string {
  const what = error instanceof Error ? error.stack ?? error.message : String(error);
  return `this is a bug, please report it (the session was ended, its locks are free): ${what}`;
}
