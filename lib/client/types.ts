/** The public types of the lock client. The classes that implement them are not exported. */
import type { ReplyLine, Values } from "../wire/extended.ts";
import type { LockLostError } from "./errors.ts";
import type { Mode } from "./modes.ts";
import type { LockManager } from "./web_locks_types.ts";

export interface ClientOptions {
  /** Name of this client, shown to others as holder. Default: the address of each connection. */
  readonly name?: string | undefined;
  /**
   * Idle timeout in seconds, a non-negative integer: how long a connection may be silent before
   * either side considers it broken. 0 switches it off. The client sends three heartbeats in that
   * time; with 0, one every 10 seconds.
   *
   * Default: 30; 180 in web pages, because browsers slow down their timers.
   */
  readonly deadlineSeconds?: number | undefined;
  /** Whether to replace connections that break. Default: true. */
  readonly reconnect?: boolean | undefined;
  /** Stops connecting when it aborts; has no effect once connected. */
  readonly signal?: AbortSignal | undefined;
}

export interface AcquireOptions {
  /**
   * How long to wait for the lock, in milliseconds, or `"forever"`.
   *
   * Default: 0, which throws `BusyError` when the lock is not available.
   */
  readonly wait?: number | "forever" | undefined;
  /** Default: exclusive. */
  readonly mode?: Mode | undefined;
  /** With mode `shared` or `read`: the most holders that the lock may have. */
  readonly max?: number | undefined;
  /** From -1000 to 1000: waiters with a higher priority come first. Default: 0. */
  readonly priority?: number | undefined;
  /**
   * Lease in milliseconds: the lock expires unless renewed in that time. The client renews it while
   * it holds the lock.
   */
  readonly lease?: number | undefined;
  /** How long the server keeps the lock after its connection breaks, in milliseconds. */
  readonly grace?: number | undefined;
  /** The reason for holding the lock, shown to others. */
  readonly why?: string | undefined;
  /** Stops the wait when it aborts; it has no effect on a lock that is held. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A held lock, whose connection also acquires this one: then the server sees deadlocks, and an
   * only reader can become the writer.
   */
  readonly with?: Lock | undefined;
}

/** How the last exclusive hold of a name ended. */
export interface Previous {
  /**
   * - `none`: unknown, or there was none;
   * - `released`: the holder released the lock;
   * - `closed`: the holder closed its connection, or exited;
   * - `lost`: the connection of the holder broke;
   * - `expired`: the lease expired;
   * - `forced`: an administrator took the lock away.
   */
  readonly cause: "none" | "released" | "closed" | "lost" | "expired" | "forced";
  /** The name of the last holder, or its address. */
  readonly holder?: string;
}

/** A held lock of one or several names. `await using` releases it. */
export interface Lock extends AsyncDisposable {
  readonly names: readonly string[];
  /** The fencing token: larger than that of every earlier grant, of any name. */
  readonly token: number;
  /** The number of holders of each name at the grant, including this one. */
  readonly count: readonly number[];
  /** How the last exclusive hold of each name ended, to decide whether to clean up after it. */
  readonly previous: readonly Previous[];
  /** How long the request waited, in milliseconds. */
  readonly waitedMs: number;
  /** Aborts when the lock is lost, with a `LockLostError` as its reason. */
  readonly signal: AbortSignal;
  /** Resolves when the lock is lost; stays pending when it is released. */
  readonly lost: Promise<LockLostError>;
  /** Releases the lock. Does nothing when the lock was already released or lost. */
  release(): Promise<void>;
  /**
   * Starts a lease of `leaseMs` milliseconds from now; the client renews it from then on. Throws
   * `LockLostError` when the lock is no longer held.
   */
  renew(leaseMs: number): Promise<void>;
}

/** A holder of a lock, as the server describes it. */
export interface Holder {
  /** The name of the client; empty if it has none. */
  readonly name: string;
  readonly address: string;
  readonly mode: Mode;
  readonly token: number;
  /** When the lock was granted, in milliseconds since 1970. */
  readonly since: number;
  /** The reason for holding the lock. */
  readonly why?: string;
  /** The time left of its lease, in milliseconds. */
  readonly lease?: number;
  /** True when the connection has ended, and grace keeps the lock. */
  readonly absent?: true;
}

/** A waiter for a lock, as the server describes it. */
export interface Waiter {
  /** The name of the client; empty if it has none. */
  readonly name: string;
  readonly address: string;
  readonly mode: Mode;
  /** How long it has waited, in milliseconds. */
  readonly waited: number;
  readonly priority: number;
  /** The reason for requesting the lock. */
  readonly why?: string;
}

/** A lock with its holders and waiters. */
export interface LockInfo {
  readonly name: string;
  /** The mode of the first holder; absent when there are only waiters. */
  readonly mode?: Mode;
  readonly holders: readonly Holder[];
  /** The wait queue, first waiter first. */
  readonly queue: readonly Waiter[];
}

interface LockEvent<Kind extends string> {
  readonly event: Kind;
  /** The name of the lock. */
  readonly name: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

interface EventParty {
  readonly mode: Mode;
  /** The name of the client that holds, held or waited, or its address. */
  readonly holder: string;
  readonly address?: string;
}

/** How a hold ended; see `Previous.cause`. */
export type EndCause = "released" | "closed" | "lost" | "expired" | "forced";

/** An event of `Client.watch`; `event` is its kind. Durations are in milliseconds. */
export type WatchEvent =
  /** A lock was granted. */
  | LockEvent<"acquire"> & EventParty & {
    readonly token: number;
    readonly why?: string;
    readonly waited?: number;
  }
  /** A hold ended. */
  | LockEvent<"release"> & EventParty & { readonly token: number; readonly cause: EndCause }
  /** A client began to wait; `queue` counts the waiters, including this one. */
  | LockEvent<"wait"> & EventParty & { readonly queue: number; readonly why?: string }
  /** A wait timed out, or its connection ended. */
  | LockEvent<"timeout" | "leave"> & EventParty & { readonly waited: number }
  /** The lock was taken away from all holders; the `release` of each of them follows. */
  | LockEvent<"force"> & { readonly by: string; readonly why: string; readonly count: number }
  /** `count` events are missing here; 0: an unknown number, because the client reconnected. */
  | { readonly event: "lost"; readonly count: number };

export interface ServerVersion {
  readonly version: string;
  /** All values of the reply, by key: `version`, `protocol`, `build`... */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * A client of the locks of a server. Each held lock has its own connection; requests that hold
 * nothing use the main connection. `await using` closes the client.
 */
export interface Client extends AsyncDisposable {
  /**
   * Acquires one lock, or several together: all of them or none.
   *
   * Throws `BusyError` or `TimeoutError` when a lock is not available, `DeadlockError`,
   * `LimitError`, `DrainingError`, `RequestError`, `ConnectionError`, or the signal's reason.
   */
  acquire(names: string | readonly string[], options?: AcquireOptions): Promise<Lock>;
  /**
   * Returns the holders and waiters of a lock; undefined if it has neither. Throws `DisabledError`
   * when the server does not show its locks.
   */
  describe(name: string): Promise<LockInfo | undefined>;
  /**
   * Returns all locks whose names start with `prefix`, even those that only have waiters.
   * Throws `DisabledError` when the server does not show its locks.
   */
  list(prefix?: string): Promise<LockInfo[]>;
  /**
   * Watches the locks whose names start with `prefix` (at most 256 bytes), from the first call of
   * `next()` on. Ends with the reason of the signal when that aborts. Throws `DisabledError` when
   * the server does not show its locks.
   */
  watch(
    prefix?: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<WatchEvent>;
  /**
   * Takes a lock away from all its holders, and returns how many there were. Throws `DeniedError`
   * when this client is not an administrator.
   */
  force(name: string, why: string): Promise<number>;
  /**
   * Sends an extended command on the main connection, and returns its reply; a refusal does not
   * throw. `valueOf` and `listOf` read the values of the reply.
   */
  ask(verb: string, names?: readonly string[], values?: Values): Promise<ReplyLine>;
  /**
   * Sends a line, such as a glockd command, on the main connection. Returns the lines of the reply
   * without line endings.
   */
  send(line: string): Promise<string[]>;
  /** Returns the version of the server. */
  version(): Promise<ServerVersion>;
  /** Resolves when the server has replied. Throws `ConnectionError`. */
  ping(): Promise<void>;
  /** The Web Locks API (`navigator.locks`) on the locks of the server. */
  readonly locks: LockManager;
  /** Releases all locks, whatever their grace, and closes all connections. */
  close(): Promise<void>;
}
