/** The types of the Web Locks API (https://w3c.github.io/web-locks/), by the names it gives them. */

/** `exclusive` is the server's mode `write`, `shared` its mode `read`. */
export type LockMode = "exclusive" | "shared";

export interface LockRequestOptions {
  /** Default: exclusive. */
  readonly mode?: LockMode | undefined;
  /** Call back with null when the lock is not available, instead of waiting. */
  readonly ifAvailable?: boolean | undefined;
  /** Take the lock away from its holders; for administrators. */
  readonly steal?: boolean | undefined;
  /** Stops the wait when it aborts; it has no effect on a lock that is held. */
  readonly signal?: AbortSignal | undefined;
}

/** The lock that the callback of a request gets; `Lock` in the standard. */
export interface GrantedLock {
  readonly name: string;
  readonly mode: LockMode;
}

/** Gets the lock; null only when `ifAvailable` was set and the lock was not available. */
export type LockGrantedCallback<T> = (lock: GrantedLock | null) => T | PromiseLike<T>;

/** A holder or a waiter of a lock; `LockInfo` in the standard. */
export interface LockEntry {
  /** The name of the lock. */
  readonly name: string;
  readonly mode: LockMode;
  /** The name of the client that holds or waits, or the address of its connection. */
  readonly clientId: string;
}

export interface LockManagerSnapshot {
  readonly held: readonly LockEntry[];
  readonly pending: readonly LockEntry[];
}

/** The Web Locks API: the calls and errors of `navigator.locks`, on the locks of a server. */
export interface LockManager {
  /**
   * Waits for the lock, calls back, and releases the lock when the returned promise settles. Returns
   * the result of the callback.
   *
   * Rejects with the DOMExceptions of the standard: `NotSupportedError` when options contradict each
   * other, `AbortError` when the lock is lost or stolen while the callback runs; and with the reason
   * of the signal. Rejects with the errors of this library in all other cases: `ConnectionError`,
   * `DeniedError`, `LimitError`...
   */
  request<T>(name: string, callback: LockGrantedCallback<T>): Promise<Awaited<T>>;
  request<T>(
    name: string,
    options: LockRequestOptions,
    callback: LockGrantedCallback<T>,
  ): Promise<Awaited<T>>;
  /**
   * Returns all locks that are held and waited for on the server, by any client. Throws
   * `DisabledError` when the server does not show its locks.
   */
  query(): Promise<LockManagerSnapshot>;
}
