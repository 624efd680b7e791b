/**
 * Counts replies in what comes, however it was cut on the way: lines, or messages of a WebSocket.
 * Pure, and made for the hot path: it allocates nothing.
 */
import { type Dialect, DIALECTS, type Plan } from "./traffic.ts";

const LF = 0x0a;
/** Above it the length of a frame stands elsewhere. No reply to us is that long. */
const SHORT_FRAME_MAX = 125;

export interface Replies {
  /** All that have begun, and those that granted what was asked for. */
  begun: number;
  granted: number;
  /** How many replies to this connection end in the first `length` bytes. */
  count(bytes: Uint8Array, length: number, connection: number): number;
}

export function repliesTo(plan: Plan): Replies {
  const dialect = DIALECTS[plan.protocol];
  return plan.isWebSocket
    ? new FrameReplies(dialect, plan.connections)
    : new LineReplies(dialect, plan.connections);
}

/** For each byte 1 when it says yes. */
function yeses({ granting }: Dialect): Uint8Array {
  const table = new Uint8Array(256);
  for (const letter of granting) table[letter.charCodeAt(0)] = 1;
  return table;
}

class LineReplies implements Replies {
  begun = 0;
  granted = 0;
  readonly #yes: Uint8Array;
  readonly #verdictAt: number;
  /** Where in its line each connection is. */
  readonly #at: Int32Array;

  constructor(dialect: Dialect, connections: number) {
    this.#yes = yeses(dialect);
    this.#verdictAt = dialect.verdictAt;
    this.#at = new Int32Array(connections);
  }

  count(bytes: Uint8Array, length: number, connection: number): number {
    const verdictAt = this.#verdictAt;
    let at = this.#at[connection]!;
    let ended = 0;
    for (let i = 0; i < length; i++) {
      const byte = bytes[i]!;
      if (at === verdictAt) {
        this.begun++;
        this.granted += this.#yes[byte]!;
      }
      at++;
      if (byte === LF) {
        ended++;
        at = 0;
      }
    }
    this.#at[connection] = at;
    return ended;
  }
}

/** What comes next of a frame, when it is not so many bytes of payload. */
const FIRST_BYTE = 0;
const LENGTH_BYTE = -1;

class FrameReplies implements Replies {
  begun = 0;
  granted = 0;
  readonly #yes: Uint8Array;
  /** Bytes of payload that are to come, or what else is. */
  readonly #left: Int32Array;
  /** Whether the next byte of payload is the verdict. */
  readonly #isNew: Uint8Array;

  constructor(dialect: Dialect, connections: number) {
    if (dialect.verdictAt !== 0) throw new Error("Messages are judged by their first byte");
    this.#yes = yeses(dialect);
    this.#left = new Int32Array(connections);
    this.#isNew = new Uint8Array(connections);
  }

  count(bytes: Uint8Array, length: number, connection: number): number {
    let left = this.#left[connection]!;
    let ended = 0;
    for (let i = 0; i < length;) {
      if (left === FIRST_BYTE) {
        left = LENGTH_BYTE;
        i++;
      } else if (left === LENGTH_BYTE) {
        left = bytes[i++]!;
        if (left > SHORT_FRAME_MAX) throw new Error("A reply is longer than any should be");
        this.begun++;
        this.#isNew[connection] = 1;
        if (left === 0) ended++;
      } else {
        if (this.#isNew[connection] === 1) this.granted += this.#yes[bytes[i]!]!;
        this.#isNew[connection] = 0;
        const taken = Math.min(left, length - i);
        i += taken;
        left -= taken;
        if (left === 0) ended++;
      }
    }
    this.#left[connection] = left;
    return ended;
  }
}
