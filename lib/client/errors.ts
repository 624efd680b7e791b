/** The errors of this library: subclasses of `HoldfastError`, each with a `code`. */

/** Identifies an error, for programs that compare strings instead of classes. */
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
  // Pools only: a name that does not exist, a state that forbids the change, no free resource, a
  // failure of the server.
  | "unknown"
  | "conflict"
  | "no-room"
  | "failed";

/** The base class of all errors of this library. */
export class HoldfastError extends Error {
  override readonly name: string = "HoldfastError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A request with invalid arguments; the message says why. Retrying does not help. */
export class RequestError extends HoldfastError {
  override readonly name: string = "RequestError";

  constructor(message: string) {
    super("error", message);
  }
}

/** The server cannot be reached, the connection ended before the reply, or the client is closed. */
export class ConnectionError extends HoldfastError {
  override readonly name: string = "ConnectionError";

  constructor(message: string, options?: ErrorOptions) {
    super("unreachable", message, options);
  }
}

/** What `BusyError` and `TimeoutError` report about the lock that was not available. */
export type Obstacle = Omit<ObstacleError, keyof HoldfastError>;

class ObstacleError extends HoldfastError {
  /** The lock that was not available; of several, the first. */
  readonly lock: string;
  /** The name of the first holder, or its address if it has none. */
  readonly holder: string | undefined;
  /** When that holder acquired the lock, in milliseconds since 1970. */
  readonly sinceMs: number | undefined;
  /** The reason that the holder gave as `why`. */
  readonly why: string | undefined;
  /** The number of waiters. */
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

/** The lock is not available, and the request did not wait. */
export class BusyError extends ObstacleError {
  override readonly name: string = "BusyError";

  constructor(obstacle: Obstacle) {
    super("busy", `Cannot acquire ${quote(obstacle.lock)}: ${stateOf(obstacle)}`, obstacle);
  }
}

/** The lock was not available within the wait. */
export class TimeoutError extends ObstacleError {
  override readonly name: string = "TimeoutError";
  readonly waitedMs: number;

  constructor(waitedMs: number, obstacle: Obstacle) {
    const state = stateOf(obstacle);
    super(
      "timeout",
      `Cannot acquire ${quote(obstacle.lock)} in ${waitedMs} ms: ${state}`,
      obstacle,
    );
    this.waitedMs = waitedMs;
  }
}

/** The server refused the wait: it would close a cycle of connections waiting for each other. */
export class DeadlockError extends HoldfastError {
  override readonly name: string = "DeadlockError";
  /** The connections by name or address, starting with the refused one. */
  readonly cycle: readonly string[];

  constructor(cycle: readonly string[]) {
    super("deadlock", `Cannot wait for the lock: deadlock of ${[...cycle, cycle[0]].join(" -> ")}`);
    this.cycle = cycle;
  }
}

/** A limit of the server is reached, such as its number of waiters. */
export class LimitError extends HoldfastError {
  override readonly name: string = "LimitError";

  constructor(message: string) {
    super("limit", message);
  }
}

/** The server is stopping and grants no locks. */
export class DrainingError extends HoldfastError {
  override readonly name: string = "DrainingError";

  constructor() {
    super("draining", "Cannot acquire the lock: the server is stopping");
  }
}

/** The command is for administrators only. */
export class DeniedError extends HoldfastError {
  override readonly name: string = "DeniedError";

  constructor(message: string) {
    super("denied", message);
  }
}

/** The server's flags disable the command. */
export class DisabledError extends HoldfastError {
  override readonly name: string = "DisabledError";

  constructor(verb: string) {
    super("disabled", `Cannot run "${verb}": switched off by the server's flags`);
  }
}

/** Why a lock was lost; "gone": the server no longer has it, for an unknown reason. */
export type LossCause = "disconnected" | "expired" | "forced" | "gone";

const LOSSES: Readonly<Record<LossCause, string>> = {
  disconnected: "the connection that held it ended",
  expired: "its lease expired before it was renewed",
  forced: "taken away by force",
  gone: "the server no longer has it",
};

/** A lock ended without being released by its holder. */
export class LockLostError extends HoldfastError {
  override readonly name: string = "LockLostError";
  readonly names: readonly string[];
  readonly how: LossCause;
  /** The reason given with `force`; only when `how` is "forced", and not always then. */
  readonly why: string | undefined;

  constructor(names: readonly string[], how: LossCause, why?: string, options?: ErrorOptions) {
    const reason = why === undefined ? "" : `: ${why}`;
    super("lost", `Lost ${names.map(quote).join(", ")}: ${LOSSES[how]}${reason}`, options);
    this.names = names;
    this.how = how;
    this.why = why;
  }
}

function stateOf({ holder, why, queue }: Obstacle): string {
  const state = holder === undefined ? "not available" : `held by ${holder}`;
  const reason = why === undefined ? "" : ` (${why})`;
  return state + reason + (queue > 0 ? `; ${queue} waiting` : "");
}

function quote(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
}
