/** A connection without a socket: a test hands over each chunk and sees at once what is written. */
import type {
  Boundary,
  CloseReason,
  Connection,
  Receiver,
} from "../../lib/transport/connection.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";

let connections = 0;

export class HandConnection implements Connection {
  readonly address = `hand:${++connections}`;
  readonly host = undefined;
  readonly isWebPage = false;
  boundary: Boundary = "none";
  isClosed = false;
  /** The text written since `takeReplies`; "|" marks the end of a message. */
  written = "";
  /** The number of bytes of the longest write so far. */
  longestWrite = 0;
  #receiver: Receiver | undefined;
  readonly #closed = Promise.withResolvers<void>();
  #space: PromiseWithResolvers<void> | undefined;
  readonly #waiting = new Set<() => void>();

  pump(receiver: Receiver): Promise<void> {
    this.#receiver = receiver;
    return this.#closed.promise;
  }

  /** Hands over a chunk. Returns a promise if no chunk may follow before it resolves. */
  send(text: string, boundary: Boundary = "none"): Promise<void> | undefined {
    const bytes = bytesOf(text);
    this.boundary = boundary;
    const waiting = this.#receiver!.onData(bytes);
    const done = () => {
      bytes.fill(0); // the receiver must have copied it
      if (this.#receiver!.isDone) this.#end("closed");
    };
    if (waiting === undefined) done();
    return waiting?.then(done);
  }

  /** Ends the sending side. */
  halfClose(): Promise<void> | undefined {
    const waiting = this.#receiver!.onData(null);
    if (waiting === undefined) this.#end("closed");
    return waiting?.then(() => this.#end("closed"));
  }

  /** Loses the connection, as after a reset. */
  reset(): void {
    this.#end("lost");
  }

  /** Makes writes wait until `resumeReading`. */
  stopReading(): void {
    this.#space = Promise.withResolvers();
  }

  resumeReading(): void {
    this.#space?.resolve();
    this.#space = undefined;
  }

  /** Returns the text written since the last call. */
  takeReplies(): string {
    const { written } = this;
    this.written = "";
    return written;
  }

  /** Resolves when `count` lines are written since the last `takeReplies`. */
  async untilLines(count: number): Promise<void> {
    while (this.written.split("\n").length <= count) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  closeReason(): CloseReason | undefined {
    return this.isClosed ? "lost" : undefined;
  }

  hasUnread(): boolean {
    return false;
  }

  write(bytes: Uint8Array<ArrayBuffer>, more?: "more"): Promise<void> | undefined {
    this.longestWrite = Math.max(this.longestWrite, bytes.length);
    this.written += textOf(bytes) + (this.boundary === "none" || more ? "" : "|");
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    return this.#space?.promise;
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#closed.resolve();
    return Promise.resolve();
  }

  #end(reason: CloseReason): void {
    this.#receiver!.onClose(reason);
    this.#closed.resolve();
  }
}
