/**
 * The Web Locks API (https://w3c.github.io/web-locks/) across machines: the same calls, the same
 * errors, and the locks of a server. "exclusive" is the server's mode write and "shared" its mode
 * read, so that they exclude each other as in a browser.
 */
import { BusyError } from "./errors.ts";
import { kindOf } from "./modes.ts";
import { steal } from "./steal.ts";
import type { AcquireOptions, Client, Lock, Mode } from "./types.ts";

export type LockMode = "exclusive" | "shared";

export interface LockRequestOptions {
  /** Default exclusive. */
  readonly mode?: LockMode | undefined;
  /** Call back with null instead of waiting. */
  readonly ifAvailable?: boolean | undefined;
  /** Take the lock away from whoever holds it; for administrators. */
  readonly steal?: boolean | undefined;
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
}

export interface GrantedLock {
  readonly name: string;
  readonly mode: LockMode;
}

export type LockGrantedCallback<T> = (lock: GrantedLock | null) => T | PromiseLike<T>;

export interface LockEntry {
  readonly name: string;
  readonly mode: LockMode;
  /** The chosen name of the connection that holds it or waits for it, or its address. */
  readonly clientId: string;
}

export interface LockManagerSnapshot {
  readonly held: readonly LockEntry[];
  readonly pending: readonly LockEntry[];
}

/** What `steal` and `query` need of a client. */
export type LockSource = Pick<Client, "acquire" | "describe" | "list" | "force">;

export class LockManager {
  readonly #client: LockSource;

  constructor(client: LockSource) {
    this.#client = client;
  }

  /**
   * Calls back with the lock once it is granted, and gives it back when what the callback returns
   * has settled; that is the result. DOMExceptions as the standard has them: NotSupportedError for
   * options that contradict each other, AbortError when the lock is lost or stolen while held, the
   * signal's reason. Else the errors of this library: ConnectionError, DeniedError, ...
   */
  request<T>(name: string, callback: LockGrantedCallback<T>): Promise<Awaited<T>>;
  request<T>(
    name: string,
    options: LockRequestOptions,
    callback: LockGrantedCallback<T>,
  ): Promise<Awaited<T>>;
  async request<T>(
    name: string,
    second: LockRequestOptions | LockGrantedCallback<T>,
    third?: LockGrantedCallback<T>,
  ): Promise<Awaited<T>> {
    const [options, callback] = typeof second === "function" ? [{}, second] : [second ?? {}, third];
    if (typeof callback !== "function") throw new TypeError("there must be a callback");
    const mode = checked(String(name), options);
    const granted = { name: String(name), mode };
    const lock = await this.#grant(granted, options);
    return lock === null ? await callback(null) : await whileHeld(lock, () => callback(granted));
  }

  /** What is held and what is waited for, of all who use the server. DisabledError. */
  async query(): Promise<LockManagerSnapshot> {
    const infos = await this.#client.list();
    const entry = (lock: string, { name, address, mode }: Named): LockEntry => ({
      name: lock,
      mode: kindOf(mode),
      clientId: name === "" ? address : name,
    });
    return {
      held: infos.flatMap(({ name, holders }) => holders.map((holder) => entry(name, holder))),
      pending: infos.flatMap(({ name, queue }) => queue.map((waiter) => entry(name, waiter))),
    };
  }

  async #grant({ name, mode }: GrantedLock, options: LockRequestOptions): Promise<Lock | null> {
    const { ifAvailable = false, signal } = options;
    if (options.steal === true) return await steal(this.#client, name);
    const wish: AcquireOptions = { mode: mode === "shared" ? "read" : "write", signal };
    if (!ifAvailable) return await this.#client.acquire(name, { ...wish, wait: "forever" });
    try {
      return await this.#client.acquire(name, wish);
    } catch (error) {
      if (error instanceof BusyError) return null;
      throw error;
    }
  }
}

interface Named {
  readonly name: string;
  readonly address: string;
  readonly mode: Mode;
}

/** Options as the standard checks them, in its order. */
function checked(name: string, options: LockRequestOptions): LockMode {
  const { mode = "exclusive", ifAvailable = false, signal } = options;
  const steals = options.steal === true;
  if (mode !== "exclusive" && mode !== "shared") {
    throw new TypeError(`the mode must be "exclusive" or "shared", not "${String(mode)}"`);
  }
  if (name.startsWith("-")) throw unsupported('names that begin with "-" are reserved');
  if (steals && ifAvailable) throw unsupported("steal and ifAvailable contradict each other");
  if (steals && mode !== "exclusive") throw unsupported("only exclusive locks can be stolen");
  if (signal !== undefined && (steals || ifAvailable)) {
    throw unsupported("signal goes neither with steal nor with ifAvailable: nothing is waited for");
  }
  signal?.throwIfAborted();
  return mode;
}

function unsupported(message: string): DOMException {
  return new DOMException(message, "NotSupportedError");
}

/** Runs while the lock is held, and gives it back; AbortError as soon as it is lost. */
async function whileHeld<T>(lock: Lock, run: () => T | PromiseLike<T>): Promise<Awaited<T>> {
  const lost = lock.lost.then(({ message }): never => {
    throw new DOMException(message, "AbortError");
  });
  lost.catch(() => {}); // it may be lost after the last moment that matters
  const result = (async () => await run())();
  try {
    return await Promise.race([result, lost]);
  } finally {
    // The callback goes on when the lock is lost; its failure is nobody's then.
    result.catch(() => {});
    await lock.release();
  }
}
