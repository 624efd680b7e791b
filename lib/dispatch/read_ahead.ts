/**
 * What a peer sends while its request waits: kept until its turn. Why it is read at all: a peer that
 * goes must not go on waiting, and one that is silent is told from one that is not.
 */
import { READ_AHEAD_BYTES_MAX } from "../limits.ts";
import type { Boundary } from "../transport/connection.ts";

/** What a piece costs besides its bytes. */
const PIECE_BYTES = 64;
const LF = 0x0a;
const CR = 0x0d;

interface Chunk {
  /** Null is the end of the input. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly boundary: Boundary;
  /** How often it came in a row. */
  count: number;
}

export class ReadAhead {
  readonly #pieces: Chunk[] = [];
  #bytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #isAtStart = true;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Whether the peer will send nothing more. */
  get isEnded(): boolean {
    return this.#pieces.at(-1)?.bytes === null;
  }

  /**
   * Keeps a copy; a promise when there is no room for more.
   * @param isAtStart whether a line begins with it, if nothing is kept.
   */
  add(
    bytes: Uint8Array<ArrayBuffer> | null,
    boundary: Boundary,
    isAtStart: boolean,
  ): Promise<void> | undefined {
    if (this.isEmpty) this.#isAtStart = isAtStart;
    // Signs of life may go on for days: blank lines ask for nothing, and pings are counted.
    if (bytes !== null && boundary === "none" && this.#isAtStart && isBlank(bytes)) {
      return undefined;
    }
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.boundary === boundary && isSame(last.bytes, bytes)) {
      last.count++;
      return this.#room?.promise;
    }
    this.#pieces.push({ bytes: bytes && bytes.slice(), boundary, count: 1 });
    this.#isAtStart = bytes?.at(-1) === LF;
    this.#bytes += PIECE_BYTES + (bytes?.length ?? 0);
    if (this.#bytes < READ_AHEAD_BYTES_MAX) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  next(): Chunk | undefined {
    const piece = this.#pieces[0];
    if (piece !== undefined && --piece.count > 0) return piece;
    this.#pieces.shift();
    if (piece !== undefined) this.#bytes -= PIECE_BYTES + (piece.bytes?.length ?? 0);
    if (this.#bytes < READ_AHEAD_BYTES_MAX) this.release();
    return piece;
  }

  /** Nobody has to wait for room any more. */
  release(): void {
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
