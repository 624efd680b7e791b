/**
 * What a peer sends while its request waits: kept until its turn. Why it is read at all: a peer that
 * goes must not go on waiting, and one that is silent is told from one that is not.
 */
import type { Edge } from "../transport/connection.ts";

/** How much is read ahead; then the peer has to wait with what it sends. */
const BYTES_MAX = 64 * 1024;
/** What a piece costs besides its bytes. */
const PIECE_BYTES = 64;
const LF = 0x0a;
const CR = 0x0d;

interface Piece {
  /** Null is the end of the input. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly edge: Edge;
  /** How often it came in a row. */
  times: number;
}

export class Ahead {
  readonly #pieces: Piece[] = [];
  #bytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #isAtStart = true;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Whether the peer will send nothing more. */
  get isOver(): boolean {
    return this.#pieces.at(-1)?.bytes === null;
  }

  /**
   * Keeps a copy; a promise when there is no room for more.
   * @param isAtStart whether a line begins with it, if nothing is kept.
   */
  keep(
    bytes: Uint8Array<ArrayBuffer> | null,
    edge: Edge,
    isAtStart: boolean,
  ): Promise<void> | undefined {
    if (this.isEmpty) this.#isAtStart = isAtStart;
    // Signs of life may go on for days: blank lines ask for nothing, and pings are counted.
    if (bytes !== null && edge === "none" && this.#isAtStart && isBlank(bytes)) return undefined;
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.edge === edge && isSame(last.bytes, bytes)) {
      last.times++;
      return this.#room?.promise;
    }
    this.#pieces.push({ bytes: bytes && bytes.slice(), edge, times: 1 });
    this.#isAtStart = bytes?.at(-1) === LF;
    this.#bytes += PIECE_BYTES + (bytes?.length ?? 0);
    if (this.#bytes < BYTES_MAX) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  next(): Piece | undefined {
    const piece = this.#pieces[0];
    if (piece !== undefined && --piece.times > 0) return piece;
    this.#pieces.shift();
    if (piece !== undefined) this.#bytes -= PIECE_BYTES + (piece.bytes?.length ?? 0);
    if (this.#bytes < BYTES_MAX) this.letGo();
    return piece;
  }

  /** Nobody has to wait for room any more. */
  letGo(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a?.length === b?.length && a?.every((byte, i) => byte === b![i]) === true;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.at(-1) === LF && bytes.every((byte) => byte === LF || byte === CR);
}
