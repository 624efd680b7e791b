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
import type { Context } from "./command.ts";
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
  try {
    await converse(connection, service, context);
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) log.error(bugReport(error));
  }
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

async function converse(
  connection: Connection,
  { dialect, lineBytesMax }: Service,
  context: Context,
): Promise<void> {
  const lines = new LineReader(lineBytesMax);
  const encoder = new Encoder();
  let replies = "";
  for (let over = false; !over;) {
    const chunk = await connection.read();
    over = chunk === null;
    if (chunk !== null) lines.push(chunk);
    else if (connection.edge === "none") lines.finish(); // half a message is no request
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      const reply = passGate(dialect, line, context);
      replies += typeof reply === "string" ? reply : await reply;
      if (replies.length > FLUSH_LENGTH && connection.edge === "none") {
        await connection.write(encoder.encode(replies));
        replies = "";
      }
    }
    if (connection.edge === "none" ? replies !== "" : connection.edge === "end" && !over) {
      await connection.write(encoder.encode(replies));
      replies = "";
    }
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
