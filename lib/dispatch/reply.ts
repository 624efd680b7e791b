/** The kinds of replies: text, text in pieces, the last reply of a session, and a deferred reply. */

/**
 * A reply as it goes on the wire, one character per byte; an empty string sends nothing. A reply
 * that may be long comes in pieces of about a line each, which are formatted while they are sent.
 */
export type Reply = string | Iterable<string> | FinalReply | DeferredReply;

/** A reply that another session resolves. Until then, its own session reads and runs nothing. */
export class DeferredReply {
  #reply: string | undefined;
  #onResolve: ((reply: string) => void) | undefined;

  /** Resolves the reply; to be called once. */
  resolve(reply: string): void {
    if (this.#onResolve !== undefined) this.#onResolve(reply);
    else this.#reply = reply;
  }

  /** Calls `listener` with the reply, at once if it is resolved; to be called once. */
  onResolve(listener: (reply: string) => void): void {
    if (this.#reply !== undefined) listener(this.#reply);
    else this.#onResolve = listener;
  }
}

/** The last reply of a session: after it is sent, the connection closes or the program stops. */
export class FinalReply {
  constructor(readonly text: string, readonly action: "close" | "halt") {}
}
