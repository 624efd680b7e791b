/**
 * One connection's life, from its beginning to its end. Whatever ends the conversation, `leave` runs
 * exactly once, after the last request has settled and before the connection is closed, so that a
 * peer which has seen our end may rely on it.
 */
import { after, type Engine, type Outcome } from "../engine/engine.ts";
import { log } from "../log.ts";
import { ownText } from "../state/names.ts";
import { type Connection, ConnectionLostError, type How } from "../transport/connection.ts";
import { type Encoder, shorten } from "../wire/bytes.ts";
import type { Dialect } from "../wire/dialect.ts";
import { glockd } from "../wire/glockd.ts";
import { isLoopback } from "../wire/hosts.ts";
import type { Context, Program, Speaker } from "./command.ts";
import { Conversation } from "./conversation.ts";
import { LABEL_BYTES_MAX, type Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { Table } from "./table.ts";
import type { Turn } from "./turn.ts";
import type { Watchers } from "./watchers.ts";

/** What all sessions of one protocol share. */
export interface Service {
  readonly dialect: Dialect;
  readonly encoder: Encoder;
  readonly table: Table;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  readonly watchers: Watchers;
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

/** Serves a connection to its end; never throws. Tells whether its last request was to halt. */
export async function serveSession(
  connection: Connection,
  service: Service,
): Promise<"halt" | undefined> {
  let left: Outcome<void> = undefined;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const conversation = new Conversation(connection, service, (speaker) => {
    const context = enter(connection, service, speaker);
    return {
      context,
      left: (how) => left = leave(context, how),
      over: resolve,
      bug: (error) => tellOf(error, context),
    };
  });
  try {
    await Promise.race([connection.pump(conversation), over]);
    conversation.gone("closed"); // also should a transport have forgotten it
  } catch (error) {
    tellOf(error, conversation.context);
    conversation.gone("lost");
  }
  try {
    await left;
  } catch (error) {
    log.error(bugReport(error));
  }
  await connection.close(conversation.then && "asked");
  return conversation.then === "halt" ? "halt" : undefined;
}

/** For sessions without a connection, whom nobody hears. */
export const MUTE: Speaker = {
  dialect: glockd,
  isPolite: false,
  isPage: false,
  isThere: () => true,
  tell: () => {},
  end: () => {},
  expectLife: () => {},
};

/** A session begins: what its commands get to know. */
export function enter(connection: Peer, service: Service, speaker: Speaker): Context {
  const { engine, registry, stats, watchers, table, program, tell } = service;
  const { host, isPage } = connection;
  const isLocal = (host === undefined || isLoopback(host)) && !isPage;
  const owner = registry.enter(connection.address, (how) => speaker.end(how));
  const note = tell && ((what: string) => tell(`${connection.address} ${what}`));
  note?.("connected");
  return { owner, engine, registry, stats, watchers, table, program, isLocal, speaker, note };
}

function tellOf(error: unknown, { note }: Context): void {
  if (error instanceof ConnectionLostError) note?.(error.message);
  else log.error(bugReport(error));
}

function leave(context: Context, how: How): Outcome<void> {
  const { owner, engine, registry, stats, watchers, speaker, program, note } = context;
  watchers.remove(owner);
  const leaving = {
    how,
    when: { nowMs: program.clock.nowMs },
    // There may be very many to remember.
    name: ownText(shorten(registry.nameOf(owner), LABEL_BYTES_MAX)),
    address: registry.addressOf(owner),
    secret: registry.secretOf(owner),
    withGrace: !speaker.isPolite,
    withNames: note !== undefined,
  };
  return after(engine.leave(owner, leaving), ({ exclusive, shared, names }) => {
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
