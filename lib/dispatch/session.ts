/**
 * One connection's life, from its beginning to its end. Whatever ends the conversation, `leave` runs
 * exactly once, after the last request has settled and before the connection is closed, so that a
 * peer which has seen our end may rely on it.
 */
import { LABEL_BYTES_MAX } from "../wire/extended.ts";
import { detached } from "../text.ts";
import { after, type Engine, type Outcome } from "../engine/engine.ts";
import { log } from "../log.ts";
import { type CloseReason, type Connection, ConnectionLostError } from "../transport/connection.ts";
import { type Encoder, shorten } from "../wire/bytes.ts";
import type { Dialect } from "../wire/dialect.ts";
import { glockd } from "../wire/glockd.ts";
import { isLoopback } from "../wire/ip_address.ts";
import type { Context, Program, SessionControl } from "./command.ts";
import { RequestLoop } from "./request_loop.ts";
import type { Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { CommandTable } from "./command_table.ts";
import type { TimeSlice } from "../runtime/time_slice.ts";
import type { Watchers } from "./watchers.ts";

/** What all sessions of one protocol share. */
export interface Service {
  readonly dialect: Dialect;
  readonly encoder: Encoder;
  readonly table: CommandTable;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  readonly watchers: Watchers;
  readonly program: Program;
  readonly lineBytesMax: number;
  readonly turn: TimeSlice;
  /** After how many requests to look whether the turn has lasted: a power of two. */
  readonly requestsPerSliceCheck: number;
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
  const conversation = new RequestLoop(connection, service, (speaker) => {
    const context = openSession(connection, service, speaker);
    return {
      context,
      left: (how) => left = leave(context, how),
      over: resolve,
      bug: (error) => tellOf(error, context),
    };
  });
  try {
    await Promise.race([connection.pump(conversation), over]);
    conversation.onClose("closed"); // also should a transport have forgotten it
  } catch (error) {
    tellOf(error, conversation.context);
    conversation.onClose("lost");
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
export const NO_PEER: SessionControl = {
  dialect: glockd,
  saidBye: false,
  isWebPage: false,
  isConnected: () => true,
  sendEvent: () => {},
  close: () => {},
  setIdleTimeout: () => {},
};

/** A session begins: what its commands get to know. */
export function openSession(connection: Peer, service: Service, control: SessionControl): Context {
  const { engine, registry, stats, watchers, table: commands, program, tell } = service;
  const { host, isPage } = connection;
  const isLocal = (host === undefined || isLoopback(host)) && !isPage;
  const owner = registry.enter(connection.address, (how) => control.close(how));
  const trace = tell && ((what: string) => tell(`${connection.address} ${what}`));
  trace?.("connected");
  return { owner, engine, registry, stats, watchers, commands, program, isLocal, control, trace };
}

function tellOf(error: unknown, { trace }: Context): void {
  if (error instanceof ConnectionLostError) trace?.(error.message);
  else log.error(bugReport(error));
}

function leave(context: Context, how: CloseReason): Outcome<void> {
  const { owner, engine, registry, stats, watchers, control, program, trace } = context;
  watchers.remove(owner);
  const leaving = {
    how,
    when: { nowMs: program.clock.nowMs },
    // There may be very many to remember.
    name: detached(shorten(registry.nameOf(owner), LABEL_BYTES_MAX)),
    address: registry.addressOf(owner),
    secret: registry.secretOf(owner),
    withGrace: !control.saidBye,
    withNames: trace !== undefined,
  };
  return after(engine.leave(owner, leaving), ({ exclusive, shared, names }) => {
    registry.leave(owner);
    stats.orphans += exclusive;
    stats.sharedOrphans += shared;
    for (const name of names?.exclusive ?? []) trace?.(`orphaned lock ${name}`);
    for (const name of names?.shared ?? []) trace?.(`orphaned shared lock ${name}`);
    trace?.("disconnected");
  });
}

function bugReport(error: unknown): string {
  const what = error instanceof Error ? error.stack ?? error.message : String(error);
  return `this is a bug, please report it (the session was ended, its locks are free): ${what}`;
}
