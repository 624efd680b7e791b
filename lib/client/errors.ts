/** What can go wrong, by class and by `code`: every error of this library is a `HoldfastError`. */

export type ErrorCode =
  | "busy"
  | "timeout"
  | "deadlock"
  | "limit"
  | "draining"
  | "denied"
  | "disabled"
  | "error"
  | "unreachable"
  | "lost"
  /** Of pools: unknown name, what is already so, no room, and what the server could not do. */
  | "unknown"
  | "conflict"
  | "no-room"
  | "failed";

/** Any error of this library. */
export class HoldfastError extends Error {
  override readonly name: string = "HoldfastError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The request cannot be understood or makes no sense; the message says why. Asking again is no use. */
export class RequestError extends HoldfastError {
  override readonly name: string = "RequestError";

  constructor(message: string) {
    super("error", message);
  }
}

/** The server cannot be reached, or the connection has ended before the reply came. */
export class ConnectionError extends HoldfastError {
  override readonly name: string = "ConnectionError";

  constructor(message: string, options?: ErrorOptions) {
    super("unreachable", message, options);
  }
}

/** Who stands in the way. */
export interface Obstacle {
  /** The one of several names that it is about. */
  readonly lock: string;
  /** The first holder's name, or its address. */
  readonly holder: string | undefined;
  /** Since when, in milliseconds since 1970. */
  readonly sinceMs: number | undefined;
  /** What the holder said it is for. */
  readonly why: string | undefined;
  /** How many wait. */
  readonly queue: number;
}

class ObstacleError extends HoldfastError implements Obstacle {
  readonly lock: string;
  readonly holder: string | undefined;
  readonly sinceMs: number | undefined;
  readonly why: string | undefined;
  readonly queue: number;

  constructor(code: ErrorCode, message: string, obstacle: Obstacle) {
    super(code, message);
    this.lock = obstacle.lock;
    this.holder = obstacle.holder;
    this.sinceMs = obstacle.sinceMs;
    this.why = obstacle.why;
    this.queue = obstacle.queue;
  }
}

/** Somebody else has it, and nothing was waited for. */
export class BusyError extends ObstacleError {
  override readonly name: string = "BusyError";

  constructor(obstacle: Obstacle) {
    super("busy", `${quoted(obstacle.lock)} is taken${by(obstacle)}`, obstacle);
  }
}

/** Somebody else still has it after the time that was to be waited. */
export class TimeoutError extends ObstacleError {
  override readonly name: string = "TimeoutError";
  readonly waitedMs: number;

  constructor(waitedMs: number, obstacle: Obstacle) {
    const message = `${quoted(obstacle.lock)} is still taken after ${waitedMs} ms${by(obstacle)}`;
    super("timeout", message, obstacle);
    this.waitedMs = waitedMs;
  }
}

/** Waiting would never end: those in the cycle would wait for each other. */
export class DeadlockError extends HoldfastError {
  override readonly name: string = "DeadlockError";
  /** The names of the connections, beginning with the one that was refused. */
  readonly cycle: readonly string[];

  constructor(cycle: readonly string[]) {
    super("deadlock", `waiting would be a deadlock: ${[...cycle, cycle[0]].join(" -> ")}`);
    this.cycle = cycle;
  }
}

/** More than the server takes, such as waiters. */
export class LimitError extends HoldfastError {
  override readonly name: string = "LimitError";

  constructor(message: string) {
    super("limit", message);
  }
}

/** The server is about to end and gives out no new locks. */
export class DrainingError extends HoldfastError {
  override readonly name: string = "DrainingError";

  constructor() {
    super("draining", "the server is about to end and gives out no new locks");
  }
}

/** For administrators only. */
export class DeniedError extends HoldfastError {
  override readonly name: string = "DeniedError";

  constructor(message: string) {
    super("denied", message);
  }
}

/** The server was started without this. */
export class DisabledError extends HoldfastError {
  override readonly name: string = "DisabledError";

  constructor(verb: string) {
    super("disabled", `the server was started without what "${verb}" needs; see its flags`);
  }
}

/** How a lock was lost; "gone": the server does not have it any more, and does not say why. */
export type LossCause = "disconnected" | "expired" | "forced" | "gone";

const LOSSES: Readonly<Record<LossCause, string>> = {
  disconnected: "the connection that held it has ended",
  expired: "its lease was over before it was renewed",
  forced: "it was taken away by force",
  gone: "the server does not have it any more",
};

/** A lock that was held is not held any more, and was not given back by its holder. */
export class LockLostError extends HoldfastError {
  override readonly name: string = "LockLostError";
  readonly names: readonly string[];
  readonly how: LossCause;
  /** What was said when it was taken away by force. */
  readonly why: string | undefined;

  constructor(names: readonly string[], how: LossCause, why?: string, options?: ErrorOptions) {
    const words = why === undefined ? "" : `: ${why}`;
    super("lost", `${names.map(quoted).join(", ")}: ${LOSSES[how]}${words}`, options);
    this.names = names;
    this.how = how;
    this.why = why;
  }
}

function by({ holder, why, queue }: Obstacle): string {
  const parts = holder === undefined ? "" : ` by ${holder}`;
  const reason = why === undefined ? "" : ` (${why})`;
  return parts + reason + (queue > 0 ? `; ${queue} waiting` : "");
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
}
