/** The opening handshake of WebSocket (RFC 6455 section 4) on a byte stream. */
import { HTTP_HEAD_BYTES_MAX } from "../limits.ts";
import { bytesOf, textOf } from "../wire/bytes.ts";
import {
  type Handshake,
  HANDSHAKE_GUID,
  parseRequestHead,
  readHandshake,
  type RequestHead,
  writeAccepted,
} from "../wire/http.ts";
import type { SocketStream } from "./stream.ts";

/** A request for a WebSocket, and the bytes that followed it. */
export interface Upgrade {
  readonly head: RequestHead;
  readonly handshake: Handshake;
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** Reads a handshake. Refuses anything else, closes the stream, and returns undefined. */
export async function readUpgrade(stream: SocketStream): Promise<Upgrade | undefined> {
  const { text, rest } = await readHead(stream);
  const head = text === undefined ? undefined : parseRequestHead(text);
  const handshake = readHandshake(head);
  if ("refusal" in handshake) {
    await stream.closeAfter(bytesOf(handshake.refusal));
    return undefined;
  }
  return { head: head!, handshake, rest };
}

/**
 * Completes handshakes in the order of their arrival. WebCrypto hashes in a thread pool, in any
 * order; but the requests that come with two handshakes must run in order.
 */
export class HandshakeQueue {
  #previous: Promise<unknown> = Promise.resolve();

  /** Completes a handshake; the peer may send frames when this resolves. */
  async accept(stream: SocketStream, { key, protocols }: Handshake): Promise<void> {
    const hashing = acceptValue(key);
    const turn = this.#previous.then(() => hashing);
    this.#previous = turn;
    await stream.write(bytesOf(writeAccepted(await turn, protocols)));
  }
}

/** Returns the value that shows a client that the server understood its handshake. */
export async function acceptValue(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", bytesOf(key + HANDSHAKE_GUID));
  return new Uint8Array(digest).toBase64();
}

/** Reads up to the empty line. Returns no text if the head is too long or incomplete. */
async function readHead(
  stream: SocketStream,
): Promise<{ text: string | undefined; rest: Uint8Array<ArrayBuffer> }> {
  let text = "";
  while (text.length <= HTTP_HEAD_BYTES_MAX) {
    const chunk = await stream.read();
    if (chunk === null) break;
    const from = Math.max(0, text.length - 3);
    text += textOf(chunk);
    const end = /\r?\n\r?\n/.exec(text.slice(from));
    if (end !== null) {
      const headBytes = from + end.index;
      if (headBytes > HTTP_HEAD_BYTES_MAX) break;
      const rest = bytesOf(text.slice(headBytes + end[0].length));
      return { text: text.slice(0, headBytes), rest };
    }
  }
  return { text: undefined, rest: new Uint8Array(0) };
}
