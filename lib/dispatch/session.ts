/**
 * The life of one connection. However the connection ends, `leave` runs exactly once: after the
 * last request has settled, and before the server closes the connection. So a peer that sees the
 * connection close can rely on the release of its locks.
 */
import { after, type Outcome } from "../engine/engine.ts";
import { log } from "../log.ts";
import { detached } from "../text.ts";
import type { CloseReason, Connection } from "../transport/connection.ts";
import { ConnectionLostError } from "../transport/errors.ts";
import { shorten } from "../wire/bytes.ts";
import { LABEL_BYTES_MAX } from "../wire/extended.ts";
import { glockd } from "../wire/glockd.ts";
import { isLoopback } from "../wire/ip_address.ts";
import type { Context, SessionControl } from "./context.ts";
import { RequestLoop } from "./request_loop.ts";
import type { Service } from "./service.ts";

/** The properties of a connection that a session needs before it reads. */
type Peer = Pick<Connection, "address" | "host" | "isWebPage">;

/** Serves a connection until it ends. Never rejects. Resolves to "halt" if that was requested. */
export async function serveSession(
  connection: Connection,
  service: Service,
): Promise<"halt" | undefined> {
  let departure: Outcome<void> = undefined;
  const { promise: finished, resolve: onFinished } = Promise.withResolvers<void>();
  const loop = new RequestLoop(connection, service, (control) => {
    const context = openSession(connection, service, control);
    return {
      context,
      onDeparture: (reason) => departure = leave(context, reason),
      onFinished,
      onError: (error) => report(error, context),
    };
  });
  try {
    await Promise.race([connection.pump(loop), finished]);
    loop.onClose("closed"); // in case the transport did not call it
  } catch (error) {
    report(error, loop.context);
    loop.onClose("lost");
  }
  try {
    await departure;
  } catch (error) {
    log.error(bugReport(error));
  }
  await connection.close(loop.finalAction && "asked");
  return loop.finalAction === "halt" ? "halt" : undefined;
}

/** The control of a session without a connection. */
export const NO_PEER: SessionControl = {
  dialect: glockd,
  saidBye: false,
  isWebPage: false,
  isConnected: () => true,
  sendEvent: () => {},
  close: () => {},
  setIdleTimeout: () => {},
};

/** Registers a session and returns the context of its commands. */
export function openSession(connection: Peer, service: Service, control: SessionControl): Context {
  const { engine, registry, stats, watchers, table: commands, program, trace: traceServer } =
    service;
  const { host, isWebPage } = connection;
  const isLocal = (host === undefined || isLoopback(host)) && !isWebPage;
  const owner = registry.add(connection.address, (reason) => control.close(reason));
  const trace = traceServer && ((event: string) => traceServer(`${connection.address} ${event}`));
  trace?.("connected");
  return { owner, engine, registry, stats, watchers, commands, program, isLocal, control, trace };
}

function report(error: unknown, { trace }: Context): void {
  if (error instanceof ConnectionLostError) trace?.(error.message);
  else log.error(bugReport(error));
}

/** Ends the session: releases its locks, except those that are kept for their grace. */
function leave(context: Context, ending: CloseReason): Outcome<void> {
  const { owner, engine, registry, stats, watchers, control, program, trace } = context;
  watchers.remove(owner);
  const options = {
    ending,
    when: { nowMs: program.clock.nowMs },
    // Detached and short, because each lock remembers the name of its last holder.
    name: detached(shorten(registry.nameOf(owner), LABEL_BYTES_MAX)),
    address: registry.addressOf(owner),
    secret: registry.secretOf(owner),
    withGrace: !control.saidBye,
    withNames: trace !== undefined,
  };
  return after(engine.leave(owner, options), ({ exclusive, shared, names }) => {
    registry.remove(owner);
    stats.orphans += exclusive;
    stats.sharedOrphans += shared;
    for (const name of names?.exclusive ?? []) trace?.(`orphaned lock ${name}`);
    for (const name of names?.shared ?? []) trace?.(`orphaned shared lock ${name}`);
    trace?.("disconnected");
  });
}

function bugReport(error: unknown): string {
  const details = error instanceof Error ? error.stack ?? error.message : String(error);
  return `this is a bug, please report it (the session was ended, its locks are free): ${details}`;
}
