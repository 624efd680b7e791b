/**
 * One connection's life: read a chunk, run every whole line in it, write the replies once.
 *
 * Requests of a connection run one at a time and in order. The loop waits only when it was handed a
 * promise, or when it has had its turn. Whatever ends the conversation, `leave` runs exactly once, after the last request has
 * settled and before the connection is closed, so that a peer which has seen our end may rely on it.
 */
import { after, type Engine, type Outcome } from "../engine/engine.ts";
import { log } from "../log.ts";
import { type Connection, ConnectionLostError, type Hearer } from "../transport/connection.ts";
import type { Encoder } from "../wire/bytes.ts";
import type { Dialect } from "../wire/dialect.ts";
import { isLoopback } from "../wire/hosts.ts";
import { LineReader } from "../wire/lines.ts";
import { type Context, Farewell, type Program, type Reply } from "./command.ts";
import { passGate } from "./gate.ts";
import type { Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { Table } from "./table.ts";
import type { Turn } from "./turn.ts";

/** What all sessions of one protocol share. */
export interface Service {
  readonly dialect: Dialect;
  readonly encoder: Encoder;
  readonly table: Table;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  readonly program: Program;
  readonly lineBytesMax: number;
  readonly turn: Turn;
  /** After how many requests to look whether the turn has lasted: a power of two. */
  readonly stepsPerLook: number;
  /** Where sessions tell what they do, when somebody wants to know. */
  readonly tell: ((event: string) => void) | undefined;
}

/** What a session needs to know of its connection before it reads. */
type Peer = Pick<Connection, "address" | "host" | "isPage">;

/** Replies are sent when a chunk is done, or earlier once this much text has gathered. */
const FLUSH_LENGTH = 64 * 1024;

/** Serves a connection to its end; never throws. Tells whether its last request was to halt. */
export async function serveSession(
  connection: Connection,
  service: Service,
): Promise<"halt" | undefined> {
  const context = enter(connection, service);
  const conversation = new Conversation(connection, service, context);
  try {
    await connection.pump(conversation);
  } catch (error) {
    if (error instanceof ConnectionLostError) context.note?.(error.message);
    else log.error(bugReport(error));
  }
  conversation.gone(); // also should a transport have forgotten it
  try {
    await conversation.left;
  } catch (error) {
    log.error(bugReport(error));
  }
  await connection.close(conversation.then && "asked");
  return conversation.then === "halt" ? "halt" : undefined;
}

/** A session begins: what its commands get to know. */
export function enter(connection: Peer, service: Service): Context {
  const { engine, registry, stats, table, program, tell } = service;
  const { host, isPage } = connection;
  const isLocal = (host === undefined || isLoopback(host)) && !isPage;
  const owner = registry.enter(connection.address);
  const note = tell && ((what: string) => tell(`${connection.address} ${what}`));
  note?.("connected");
  return { owner, engine, registry, stats, table, program, isLocal, note };
}

/** What is said and answered; a method gives a promise only when something has to be waited for. */
class Conversation implements Hearer {
  readonly #connection: Connection;
  readonly #dialect: Dialect;
  readonly #context: Context;
  readonly #lines: LineReader;
  readonly #encoder: Encoder;
  readonly #turn: Turn;
  #replies = "";
  /** What a farewell has asked for; nothing is heard after it. */
  then: Farewell["then"] | undefined;
  /** Since the peer has gone: the departure. */
  left: Outcome<void> = undefined;
  #isGone = false;
  readonly #lookMask: number;
  /** Requests and pieces of replies so far. */
  #steps = 0;

  constructor(
    connection: Connection,
    { dialect, encoder, lineBytesMax, turn, stepsPerLook }: Service,
    context: Context,
  ) {
    this.#connection = connection;
    this.#dialect = dialect;
    this.#encoder = encoder;
    this.#turn = turn;
    this.#lookMask = stepsPerLook - 1;
    this.#context = context;
    this.#lines = new LineReader(lineBytesMax);
  }

  get isOver(): boolean {
    return this.then !== undefined;
  }

  gone(): void {
    // At once: whoever asks next, in the same turn of the event loop, must find the locks free.
    if (this.#isGone) return;
    this.#isGone = true;
    this.left = leave(this.#context);
  }

  /** Runs every line that the chunk completes, and answers; null is the end of the input. */
  hear(chunk: Uint8Array | null): Promise<void> | undefined {
    if (chunk !== null) this.#lines.push(chunk);
    else if (this.#connection.edge === "none") this.#lines.finish();
    else return undefined; // half a message is no request
    return this.#run();
  }

  #run(): Promise<void> | undefined {
    if (this.#lookMask === 0 && this.#lines.hasNext) this.#turn.begin();
    const reply = this.#advance();
    return reply === undefined ? this.#finish() : this.#continue(reply);
  }

  /** Gathers replies, up to one that takes its time: a promised or long one, or one that comes late. */
  #advance(): Outcome<Reply> | undefined {
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const reply = passGate(this.#dialect, line, this.#context);
      if (typeof reply !== "string" || (this.#lines.hasNext && this.#isDue())) return reply;
      this.#replies += reply;
    }
    return undefined;
  }

  /** Goes on with such a reply and the lines behind it: a loop, so that no reply outlives its turn. */
  async #continue(first: Outcome<Reply>): Promise<void> {
    for (let reply: Outcome<Reply> | undefined = first; reply !== undefined;) {
      await this.#say(reply);
      if (this.then !== undefined) return await this.#send();
      reply = this.#advance();
    }
    await this.#finish();
  }

  async #say(promised: Outcome<Reply>): Promise<void> {
    const reply = await promised;
    if (reply instanceof Farewell) {
      this.#replies += reply.text;
      this.then = reply.then;
      return;
    }
    for (const piece of typeof reply === "string" ? [reply] : reply) {
      if (this.#isDue()) await this.#breathe();
      this.#replies += piece;
    }
    await this.#breathe();
  }

  /** All lines of the chunk are done. */
  #finish(): Promise<void> | undefined {
    const { edge } = this.#connection;
    // A message that goes on and on is answered as it goes.
    if (edge === "open") {
      return this.#replies.length > FLUSH_LENGTH ? this.#send("more") : undefined;
    }
    return edge === "end" || this.#replies !== "" && edge === "none" ? this.#send() : undefined;
  }

  /** Whether to stop and look after others. The clock costs as much as a lock: it is asked seldom. */
  #isDue(): boolean {
    if (this.#replies.length > FLUSH_LENGTH) return true;
    return (++this.#steps & this.#lookMask) === 0 && this.#turn.isLong();
  }

  /** Sends what has gathered, so that it stays little, and lets others have their turn. */
  async #breathe(): Promise<void> {
    if (this.#replies.length > FLUSH_LENGTH) await this.#send("more");
    if (this.#turn.isLong()) await this.#turn.end();
  }

  #send(more?: "more"): Promise<void> | undefined {
    const bytes = this.#encoder.encode(this.#replies);
    this.#replies = "";
    return this.#connection.write(bytes, more);
  }
}

function leave({ owner, engine, registry, stats, note }: Context): Outcome<void> {
  return after(engine.leave(owner, note !== undefined), ({ exclusive, shared, names }) => {
    registry.leave(owner);
    stats.orphans += exclusive;
    stats.sharedOrphans += shared;
    for (const name of names?.exclusive ?? []) note?.(`orphaned lock ${name}`);
    for (const name of names?.shared ?? []) note?.(`orphaned shared lock ${name}`);
    note?.("disconnected");
  });
}

function bugReport(error: unknown): string {
  const what = error instanceof Error ? error.stack ?? error.message : String(error);
  return `this is a bug, please report it (the session was ended, its locks are free): ${what}`;
}
