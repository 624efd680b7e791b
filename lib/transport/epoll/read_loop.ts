/** One `pump` of an epoll stream, from its start to its end. */
import type { CloseReason, Receiver } from "../connection.ts";

export interface ReadLoop {
  readonly receiver: Receiver;
  readonly ended: PromiseWithResolvers<void>;
  /** Whether a promise that the receiver returned is pending: nothing is read meanwhile. */
  isPaused: boolean;
  /** How the loop ended, if it did so while paused; the receiver is informed after the pause. */
  end?: { readonly error: unknown; readonly reason: CloseReason };
}

/**
 * Ends a read loop, at once or, if it is paused, after the pause.
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
