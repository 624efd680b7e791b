/** A byte stream of the operating system as a `Connection`; what all kinds of them have in common. */
import { LINGER_MS_MAX } from "../limits.ts";
import {
  type CloseReason,
  type Connection,
  ConnectionLostError,
  type Receiver,
} from "./connection.ts";

export abstract class SocketStream implements Connection {
  readonly isPage = false;
  readonly boundary = "none";
  #closed = false;

  /** @param host the IP address of the peer's machine, if it may be another one. */
  constructor(readonly address: string, readonly host: string | undefined = undefined) {}

  /** The next bytes, good until the next read; null at the end. Rejects with `ConnectionLostError`. */
  abstract read(): Promise<Uint8Array<ArrayBuffer> | null>;
  abstract write(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined;
  /** Whether some bytes of a write may still be on their way. */
  abstract readonly isWriting: boolean;
  /** Ends our sending side, so that the peer sees an end after the last byte, not a reset. */
  protected abstract closeWrite(): Promise<void>;
  /** Gives the socket back; called once. */
  protected abstract release(): void;

  async pump(hearer: Receiver): Promise<void> {
    let how: CloseReason = "lost";
    try {
      for (let over = false; !over;) {
        const chunk = await this.read();
        const waiting = hearer.onData(chunk);
        if (waiting !== undefined) await waiting;
        over = chunk === null || hearer.isOver;
      }
      how = "closed";
    } finally {
      hearer.onClose(how);
    }
  }

  closeReason(): CloseReason | undefined {
    return this.#closed ? "lost" : undefined;
  }

  hasUnread(): boolean {
    return false; // the runtime does not tell
  }

  async close(why?: "asked"): Promise<void> {
    if (this.#closed) return;
    if (why === "asked") return await this.closeAfter(new Uint8Array(0));
    this.#closed = true;
    this.release();
  }

  /**
   * Says the last words, ends our side and reads on until the peer ends its own: closing with
   * anything unread would be a reset, and could cost the peer those words. Never throws.
   */
  async closeAfter(lastWords: Uint8Array<ArrayBuffer>): Promise<void> {
    const hurry = setTimeout(() => this.close(), LINGER_MS_MAX);
    try {
      if (lastWords.length > 0) await this.write(lastWords);
      await this.closeWrite();
      while (await this.read() !== null);
    } catch { /* the peer is gone, or was too slow */ }
    clearTimeout(hurry);
    await this.close();
  }

  /** It is given up, because its peer does not read. */
  protected stalled(restBytes: number): ConnectionLostError {
    return new ConnectionLostError(
      `${this.address} does not read its replies: ${restBytes} bytes wait for it, ` +
        `more than -max-reply-buffer allows`,
    );
  }

  /** What has become of a stream that cannot be used any more. */
  protected lost(doing: "read from" | "write to" | "end", cause?: unknown): ConnectionLostError {
    return new ConnectionLostError(`Cannot ${doing} ${this.address}: it is gone`, { cause });
  }
}
