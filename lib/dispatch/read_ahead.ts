/**
 * The bounded read-ahead buffer. It keeps what a peer sends while its request waits, until that
 * request has its reply. The connection is read during the wait because a waiter must leave its
 * queue when the peer closes the connection, and because activity must restart the idle timeout.
 */
import { READ_AHEAD_BYTES_MAX } from "../limits.ts";
import type { Boundary } from "../transport/connection.ts";

/** The memory that a chunk takes in addition to its bytes. */
const CHUNK_OVERHEAD_BYTES = 64;
const LF = 0x0a;
const CR = 0x0d;

interface Chunk {
  /** Null marks the end of the input. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly boundary: Boundary;
  /** How many times in a row this chunk arrived. */
  count: number;
}

export class ReadAhead {
  readonly #chunks: Chunk[] = [];
  #bytes = 0;
  #spaceAvailable: PromiseWithResolvers<void> | undefined;
  /** Whether the next bytes begin a line. */
  #isAtStart = true;

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Whether the peer has closed its sending side. */
  get isEnded(): boolean {
    return this.#chunks.at(-1)?.bytes === null;
  }

  /**
   * Keeps a copy of the bytes. When the buffer is full, returns a promise that resolves when there
   * is space again.
   * @param isAtStart whether the bytes begin a line; used only if the buffer is empty.
   */
  add(
    bytes: Uint8Array<ArrayBuffer> | null,
    boundary: Boundary,
    isAtStart: boolean,
  ): Promise<void> | undefined {
    if (this.isEmpty) this.#isAtStart = isAtStart;
    // Keep-alives may arrive for days, so blank lines are dropped and repeated chunks are counted.
    if (bytes !== null && boundary === "none" && this.#isAtStart && isBlank(bytes)) {
      return undefined;
    }
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.boundary === boundary && isSame(last.bytes, bytes)) {
      last.count++;
      return this.#spaceAvailable?.promise;
    }
    this.#chunks.push({ bytes: bytes && bytes.slice(), boundary, count: 1 });
    this.#isAtStart = bytes?.at(-1) === LF;
    this.#bytes += CHUNK_OVERHEAD_BYTES + (bytes?.length ?? 0);
    if (this.#bytes < READ_AHEAD_BYTES_MAX) return undefined;
    this.#spaceAvailable ??= Promise.withResolvers();
    return this.#spaceAvailable.promise;
  }

  /** Removes and returns the oldest chunk; undefined when the buffer is empty. */
  next(): Chunk | undefined {
    const chunk = this.#chunks[0];
    if (chunk !== undefined && --chunk.count > 0) return chunk;
    this.#chunks.shift();
    if (chunk !== undefined) this.#bytes -= CHUNK_OVERHEAD_BYTES + (chunk.bytes?.length ?? 0);
    if (this.#bytes < READ_AHEAD_BYTES_MAX) this.release();
    return chunk;
  }

  /** Resolves the promise that `add` returned, if there is one. */
  release(): void {
    this.#spaceAvailable?.resolve();
    this.#spaceAvailable = undefined;
  }
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a?.length === b?.length && a?.every((byte, i) => byte === b![i]) === true;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.at(-1) === LF && bytes.every((byte) => byte === LF || byte === CR);
}
