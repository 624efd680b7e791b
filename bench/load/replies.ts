/**
 * Counts the replies in received bytes, wherever the network has split them. Pure, and allocates
 * nothing.
 *
 * Every reply is one line. Over WebSocket it is the payload of one message, line end included, behind
 * a header of two bytes: replies are shorter than the 126 bytes from which the header grows.
 */
import { DIALECTS, type Plan } from "./requests.ts";

const LF = 0x0a;
const FRAME_HEADER_BYTES = 2;

export class ReplyCounter {
  /** Replies whose verdict has arrived, and those of them that granted the request. */
  judged = 0;
  granted = 0;
  /** For each value of the verdict's byte, 1 when it grants. */
  readonly #isGranting = new Uint8Array(256);
  readonly #verdictAt: number;
  /** How many bytes of its current reply each connection has received. */
  readonly #positions: Int32Array;

  constructor({ protocol, isWebSocket, connections }: Plan) {
    const { verdictAt, granting } = DIALECTS[protocol];
    for (const letter of granting) this.#isGranting[letter.charCodeAt(0)] = 1;
    this.#verdictAt = verdictAt + (isWebSocket ? FRAME_HEADER_BYTES : 0);
    this.#positions = new Int32Array(connections);
  }

  /** Returns how many replies to a connection end within the first `length` bytes. */
  count(bytes: Uint8Array, length: number, connection: number): number {
    const verdictAt = this.#verdictAt;
    let position = this.#positions[connection]!;
    let ended = 0;
    for (let i = 0; i < length; i++) {
      const byte = bytes[i]!;
      if (position === verdictAt) {
        this.judged++;
        this.granted += this.#isGranting[byte]!;
      }
      position++;
      // A line feed ahead of the verdict is the length in a frame's header.
      if (byte === LF && position > verdictAt) {
        ended++;
        position = 0;
      }
    }
    this.#positions[connection] = position;
    return ended;
  }
}
