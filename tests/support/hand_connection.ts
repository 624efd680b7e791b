/** A connection that a test plays by hand, piece by piece, and sees what its hearer makes of each. */
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
  readonly isPage = false;
  boundary: Boundary = "none";
  isClosed = false;
  /** What has been written, with "|" behind each message where there are such. */
  said = "";
  /** The longest write so far. */
  longest = 0;
  #hearer: Receiver | undefined;
  readonly #over = Promise.withResolvers<void>();
  #room: PromiseWithResolvers<void> | undefined;
  readonly #waiting = new Set<() => void>();

  pump(hearer: Receiver): Promise<void> {
    this.#hearer = hearer;
    return this.#over.promise;
  }

  /** Hands over a piece; a promise when nothing more may be handed over until it is kept. */
  say(text: string, edge: Boundary = "none"): Promise<void> | undefined {
    const bytes = bytesOf(text);
    this.boundary = edge;
    const waiting = this.#hearer!.onData(bytes);
    const done = () => {
      bytes.fill(0); // it was good until now
      if (this.#hearer!.isOver) this.#end("closed");
    };
    if (waiting === undefined) done();
    return waiting?.then(done);
  }

  /** Says that nothing more comes. */
  halfClose(): Promise<void> | undefined {
    const waiting = this.#hearer!.onData(null);
    if (waiting === undefined) this.#end("closed");
    return waiting?.then(() => this.#end("closed"));
  }

  /** It is gone, in the middle of whatever. */
  breakOff(): void {
    this.#end("lost");
  }

  /** Reads no more, until told to. */
  stopReading(): void {
    this.#room = Promise.withResolvers();
  }

  readOn(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** What has been written since the last time this was asked. */
  heard(): string {
    const { said } = this;
    this.said = "";
    return said;
  }

  /** Resolves once that many lines have been written that were not asked for yet. */
  async untilLines(count: number): Promise<void> {
    while (this.said.split("\n").length <= count) {
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
    this.longest = Math.max(this.longest, bytes.length);
    this.said += textOf(bytes) + (this.boundary === "none" || more ? "" : "|");
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    return this.#room?.promise;
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#over.resolve();
    return Promise.resolve();
  }

  #end(how: CloseReason): void {
    this.#hearer!.onClose(how);
    this.#over.resolve();
  }
}
