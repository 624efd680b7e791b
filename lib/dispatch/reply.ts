/** The kinds of replies: text, text in parts, the last reply of a session, and a deferred reply. */

/**
 * A reply in wire format, one character per byte; an empty string sends nothing. A reply that may
 * be long is an iterable of parts of about a line each, which are formatted while the reply is
 * sent.
 */
export type Reply = string | Iterable<string> | FinalReply | DeferredReply;

/** A reply that is resolved later. Until then, its session buffers input and runs no request. */
export class DeferredReply {
  #reply: string | undefined;
  #onResolve: ((reply: string) => void) | undefined;

  /** Resolves the reply. Must be called only once. */
  resolve(reply: string): void {
    if (this.#onResolve !== undefined) this.#onResolve(reply);
    else this.#reply = reply;
  }

  /** Calls `listener` with the reply: now or when it is resolved. Must be called only once. */
  onResolve(listener: (reply: string) => void): void {
    if (this.#reply !== undefined) listener(this.#reply);
    else this.#onResolve = listener;
  }
}

/** The last reply of a session: after it is sent, the connection closes or the program stops. */
export class FinalReply {
  constructor(readonly text: string, readonly action: "close" | "halt") {}
}
