/** The library's face: what callers hand in and get. The classes behind it stay inside. */
import type { ReplyLine, Values } from "../wire/extended.ts";
import type { LockLostError } from "./errors.ts";
import type { LockManager } from "./web_locks.ts";

export interface ClientOptions {
  /** Shown as the holder wherever the locks are; default: the address of each connection. */
  readonly name?: string | undefined;
  /**
   * After how many seconds of silence either side takes the other for gone; 0: never. Something is
   * said every third of it, or every ten seconds, so that a connection that has broken is noticed.
   * Default 30; 180 in web pages, whose timers browsers slow down.
   */
  readonly deadlineSeconds?: number | undefined;
  /** Whether connections that break are made anew; default true. */
  readonly reconnect?: boolean | undefined;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * exclusive: alone among the exclusive; shared: counted, with the shared; write and read: as in a
 * read-write lock.
 */
export type Mode = "exclusive" | "shared" | "read" | "write";

export interface AcquireOptions {
  /** How long to wait, in milliseconds; absent or 0: at once, or BusyError. */
  readonly wait?: number | "forever" | undefined;
  /** Default exclusive. */
  readonly mode?: Mode | undefined;
  /** With mode shared: how many may hold it. */
  readonly max?: number | undefined;
  /** -1000 to 1000, higher first; default 0. */
  readonly priority?: number | undefined;
  /** The lock ends by itself after so many milliseconds unless renewed; that is done here. */
  readonly lease?: number | undefined;
  /** For how many milliseconds the server keeps the lock when the connection breaks. */
  readonly grace?: number | undefined;
  /** Shown wherever the holder is. */
  readonly why?: string | undefined;
  /** Gives up waiting; nothing after that. */
  readonly signal?: AbortSignal | undefined;
  /** Asks on the connection that holds this lock, so that the server sees deadlocks. */
  readonly with?: Lock | undefined;
}

/** How the last exclusive holding of a name ended. */
export interface Previous {
  readonly cause: "none" | "released" | "closed" | "lost" | "expired" | "forced";
  readonly holder?: string;
}

/** A lock that is held, of one name or of several. */
export interface Lock extends AsyncDisposable {
  readonly names: readonly string[];
  /** The fencing token: grows with every grant of any name. */
  readonly token: number;
  /** How many hold each name, with this one. */
  readonly count: readonly number[];
  readonly previous: readonly Previous[];
  readonly waitedMs: number;
  /** Aborted when the lock is lost, the reason being the LockLostError. */
  readonly signal: AbortSignal;
  /** Resolves when the lock is lost; stays pending when it is given back. */
  readonly lost: Promise<LockLostError>;
  /** Gives it back. Nothing to do when it has been, or is lost. */
  release(): Promise<void>;
  /** Begins its lease anew, with so many milliseconds from now on. LockLostError. */
  renew(leaseMs: number): Promise<void>;
}

export interface Holder {
  readonly name: string;
  readonly address: string;
  readonly mode: Mode;
  readonly token: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly why?: string;
  /** Milliseconds that are left of it. */
  readonly lease?: number;
  /** Its connection is gone, and its grace is not over. */
  readonly absent?: true;
}

export interface Waiter {
  readonly name: string;
  readonly address: string;
  readonly mode: Mode;
  /** Milliseconds. */
  readonly waited: number;
  readonly priority: number;
  readonly why?: string;
}

export interface LockInfo {
  readonly name: string;
  /** Of the first holder; not there when nobody holds it, and somebody waits for it and others. */
  readonly mode?: Mode;
  readonly holders: readonly Holder[];
  /** In the order in which they will be served. */
  readonly queue: readonly Waiter[];
}

interface Happening<Kind extends string> {
  readonly event: Kind;
  /** The lock's. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The name and the address of the connection that holds, waits or did. */
interface Party {
  readonly mode: Mode;
  readonly holder: string;
  readonly address?: string;
}

export type EndCause = "released" | "closed" | "lost" | "expired" | "forced";

export type WatchEvent =
  | Happening<"acquire"> & Party & {
    readonly token: number;
    readonly why?: string;
    /** Milliseconds. */
    readonly waited?: number;
  }
  | Happening<"release"> & Party & { readonly token: number; readonly cause: EndCause }
  | Happening<"wait"> & Party & { readonly queue: number; readonly why?: string }
  /** Who waited does so no more: the time was over, or the connection ended. Milliseconds. */
  | Happening<"timeout" | "leave"> & Party & { readonly waited: number }
  /** Behind it the end of each holding is told. */
  | Happening<"force"> & { readonly by: string; readonly why: string; readonly count: number }
  /** Events are missing here: so many, or 0 when nobody knows (the connection was made anew). */
  | { readonly event: "lost"; readonly count: number };

export interface ServerVersion {
  readonly version: string;
  /** What else the server says of itself. */
  readonly values: Readonly<Record<string, string>>;
}

/** A client of the locks; every lock has a connection of its own, as long as it is held. */
export interface Client extends AsyncDisposable {
  /**
   * Takes one lock, or all of several in one step. BusyError, TimeoutError, DeadlockError,
   * LimitError, DrainingError, RequestError, ConnectionError, and the signal's reason.
   */
  acquire(names: string | readonly string[], options?: AcquireOptions): Promise<Lock>;
  /** Who holds it and who waits; undefined when nobody does. DisabledError. */
  describe(name: string): Promise<LockInfo | undefined>;
  /** All locks whose names begin so. DisabledError. */
  list(prefix?: string): Promise<LockInfo[]>;
  /** What happens to the locks whose names begin so, from the moment the first one is asked for. */
  watch(
    prefix?: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<WatchEvent>;
  /** Takes a lock away from all its holders: how many there were. DeniedError. */
  force(name: string, why: string): Promise<number>;
  /** Asks any extended command on the main connection; a refusal is a line, too, and no error. */
  ask(verb: string, names?: readonly string[], values?: Values): Promise<ReplyLine>;
  /** Sends any line on the main connection, old words too: the lines of its answer, without ends. */
  send(line: string): Promise<string[]>;
  version(): Promise<ServerVersion>;
  ping(): Promise<void>;
  /** The Web Locks API, across machines. */
  readonly locks: LockManager;
  /** Gives back everything, says bye, and closes all connections. */
  close(): Promise<void>;
}
