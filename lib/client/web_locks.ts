/**
 * The Web Locks API (https://w3c.github.io/web-locks/) for the locks of a server, with the same
 * calls and errors. "exclusive" is the server's mode `write`, and "shared" its mode `read`, because these
 * modes exclude each other as in a browser.
 */
import { BusyError } from "./errors.ts";
import { kindOf, type Mode } from "./modes.ts";
import { type LockSource, steal } from "./steal.ts";
import type { AcquireOptions, Lock } from "./types.ts";
import type {
  GrantedLock,
  LockEntry,
  LockGrantedCallback,
  LockManager,
  LockManagerSnapshot,
  LockMode,
  LockRequestOptions,
} from "./web_locks_types.ts";

export class ServerLockManager implements LockManager {
  readonly #client: LockSource;

  constructor(client: LockSource) {
    this.#client = client;
  }

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
    if (typeof callback !== "function") {
      throw new TypeError("Cannot request the lock: the callback is not a function");
    }
    const mode = checkedMode(String(name), options);
    const granted = { name: String(name), mode };
    const lock = await this.#acquire(granted, options);
    return lock === null ? await callback(null) : await whileHeld(lock, () => callback(granted));
  }

  async query(): Promise<LockManagerSnapshot> {
    const infos = await this.#client.list();
    const entry = (lock: string, { name, address, mode }: Party): LockEntry => ({
      name: lock,
      mode: kindOf(mode),
      clientId: name === "" ? address : name,
    });
    return {
      held: infos.flatMap(({ name, holders }) => holders.map((holder) => entry(name, holder))),
      pending: infos.flatMap(({ name, queue }) => queue.map((waiter) => entry(name, waiter))),
    };
  }

  async #acquire({ name, mode }: GrantedLock, options: LockRequestOptions): Promise<Lock | null> {
    const { ifAvailable = false, signal } = options;
    if (options.steal === true) return await steal(this.#client, name);
    const request: AcquireOptions = { mode: mode === "shared" ? "read" : "write", signal };
    if (!ifAvailable) return await this.#client.acquire(name, { ...request, wait: "forever" });
    try {
      return await this.#client.acquire(name, request);
    } catch (error) {
      if (error instanceof BusyError) return null;
      throw error;
    }
  }
}

/** A holder or a waiter. */
interface Party {
  readonly name: string;
  readonly address: string;
  readonly mode: Mode;
}

/** Checks the options in the order of the standard, and returns the mode. */
function checkedMode(name: string, options: LockRequestOptions): LockMode {
  const { mode = "exclusive", ifAvailable = false, signal } = options;
  const steals = options.steal === true;
  if (mode !== "exclusive" && mode !== "shared") {
    throw new TypeError(
      `Cannot request the lock: the mode must be "exclusive" or "shared", not "${String(mode)}"`,
    );
  }
  if (name.startsWith("-")) throw unsupported('names that begin with "-" are reserved');
  if (steals && ifAvailable) throw unsupported('"steal" and "ifAvailable" exclude each other');
  if (steals && mode !== "exclusive") throw unsupported("only exclusive locks can be stolen");
  if (signal !== undefined && (steals || ifAvailable)) {
    throw unsupported('"signal" has no use with "steal" or "ifAvailable", which do not wait');
  }
  signal?.throwIfAborted();
  return mode;
}

function unsupported(reason: string): DOMException {
  return new DOMException(`Cannot request the lock: ${reason}`, "NotSupportedError");
}

/** Runs the callback, then releases the lock. Throws `AbortError` as soon as the lock is lost. */
async function whileHeld<T>(lock: Lock, run: () => T | PromiseLike<T>): Promise<Awaited<T>> {
  const lost = lock.lost.then(({ message }): never => {
    throw new DOMException(message, "AbortError");
  });
  lost.catch(() => {}); // it may reject after the race
  const result = (async () => await run())();
  try {
    return await Promise.race([result, lost]);
  } finally {
    // After a loss the callback continues, and nothing else handles its rejection.
    result.catch(() => {});
    await lock.release();
  }
}
