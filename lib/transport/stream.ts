/** A byte stream of the operating system as a `Connection`: the part that all backends share. */
import { LINGER_MS_MAX } from "../limits.ts";
import type { CloseReason, Connection, Receiver } from "./connection.ts";

export abstract class SocketStream implements Connection {
  readonly isWebPage = false;
  readonly boundary = "none";
  #isClosed = false;

  /** @param host the IP address of the peer's machine, if it may be another machine. */
  constructor(readonly address: string, readonly host: string | undefined = undefined) {}

  /**
   * Returns the next bytes, valid until the next read, or null at the end of the input. Rejects
   * with `ConnectionLostError`.
   */
  abstract read(): Promise<Uint8Array<ArrayBuffer> | null>;
  abstract write(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined;
  /** Whether some bytes of a write may still be unsent. */
  abstract readonly isWriting: boolean;
  /** Closes the sending side, so that the peer reads the last byte and then an end, not a reset. */
  protected abstract closeWrite(): Promise<void>;
  /** Closes the socket. Called once. */
  protected abstract closeSocket(): void;

  async pump(receiver: Receiver): Promise<void> {
    let reason: CloseReason = "lost";
    try {
      for (let isOver = false; !isOver;) {
        const chunk = await this.read();
        const pending = receiver.onData(chunk);
        if (pending !== undefined) await pending;
        isOver = chunk === null || receiver.isDone;
      }
      reason = "closed";
    } finally {
      receiver.onClose(reason);
    }
  }

  closeReason(): CloseReason | undefined {
    return this.#isClosed ? "lost" : undefined;
  }

  hasUnread(): boolean {
    return false; // the runtime cannot tell
  }

  async close(why?: "asked"): Promise<void> {
    if (this.#isClosed) return;
    if (why === "asked") return await this.closeAfter(new Uint8Array(0));
    this.#isClosed = true;
    this.closeSocket();
  }

  /**
   * Sends the last bytes, closes the sending side, and reads until the peer closes its own: a close
   * with unread input would reset the connection, and could cost the peer those bytes. Never
   * throws.
   */
  async closeAfter(lastBytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const timer = setTimeout(() => this.close(), LINGER_MS_MAX);
    try {
      if (lastBytes.length > 0) await this.write(lastBytes);
      await this.closeWrite();
      while (await this.read() !== null);
    } catch { /* the peer is gone, or too slow */ }
    clearTimeout(timer);
    await this.close();
  }
}
