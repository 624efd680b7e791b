/** The types of the Web Locks API (https://w3c.github.io/web-locks/), with its member names. */

/** `exclusive` is the server's mode `write`, `shared` its mode `read`. */
export type LockMode = "exclusive" | "shared";

export interface LockRequestOptions {
  /** Default: exclusive. */
  readonly mode?: LockMode | undefined;
  /** If the lock is not available, call back with null instead of waiting. */
  readonly ifAvailable?: boolean | undefined;
  /** Take the lock away from its holders; for administrators. */
  readonly steal?: boolean | undefined;
  /** Stops the wait when it aborts; it has no effect on a lock that is held. */
  readonly signal?: AbortSignal | undefined;
}

/** The lock that is passed to the callback of a request; `Lock` in the standard. */
export interface GrantedLock {
  readonly name: string;
  readonly mode: LockMode;
}

/** Called with the lock, or null if `ifAvailable` is set and the lock is not available. */
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

/** The Web Locks API: the calls and errors of `navigator.locks`, for the locks of a server. */
export interface LockManager {
  /**
   * Waits for the lock, calls back, and releases the lock when the callback's promise settles.
   * Resolves to the result of the callback.
   *
   * Rejects with the DOMExceptions of the standard: `NotSupportedError` when options conflict,
   * `AbortError` when the lock is lost or stolen while the callback runs; or with the reason
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
