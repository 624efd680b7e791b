/** One hearing of a stream. Law: who is busy hears of its end when it is not. */
import type { CloseReason, Receiver } from "../connection.ts";

/** One hearing, from its beginning to its end. */
export interface Pumping {
  readonly hearer: Receiver;
  readonly ended: PromiseWithResolvers<void>;
  /** Whether the hearer has to wait for something: nothing is read for it meanwhile. */
  isBusy: boolean;
  /** How it has ended, when that came while the hearer was busy: it hears of it when it is not. */
  over?: { readonly error: unknown; readonly how: CloseReason };
}

/** It is over. */
export function finish(pumping: Pumping, error: unknown, how: CloseReason): void {
  if (pumping.isBusy) {
    pumping.over ??= { error, how };
    return;
  }
  pumping.hearer.onClose(how);
  if (error === undefined) pumping.ended.resolve();
  else pumping.ended.reject(error);
}
