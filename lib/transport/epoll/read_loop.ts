/** One `pump` of an epoll stream, from its start to its end. */
import type { CloseReason, Receiver } from "../connection.ts";

export interface ReadLoop {
  readonly receiver: Receiver;
  readonly ended: PromiseWithResolvers<void>;
  /** Whether the receiver has returned a promise that is pending: nothing is read meanwhile. */
  isPaused: boolean;
  /** How the loop has ended while it was paused; the receiver learns it when it is not. */
  end?: { readonly error: unknown; readonly reason: CloseReason };
}

/**
 * Ends a read loop, later if it is paused.
 * @param error undefined when the input was read to its end.
 */
export function endReadLoop(loop: ReadLoop, error: unknown, reason: CloseReason): void {
  if (loop.isPaused) {
    loop.end ??= { error, reason };
    return;
  }
  loop.receiver.onClose(reason);
  if (error === undefined) loop.ended.resolve();
  else loop.ended.reject(error);
}
