/**
 * WebSocket: each message is a piece of input that ends a line, and is answered by one message.
 *
 * Frames are ours (`wire/frames.ts`), not the runtime's: docs/decisions/0002 says why. The peer's
 * close frame ends the reading, and is answered in `close()`: by then the session has given back
 * all its locks.
 */
import { HANDSHAKE_MS_MAX, HTTP_HEAD_BYTES_MAX } from "../limits.ts";
import { bytesOf, isText, textOf } from "../wire/bytes.ts";
import {
  CloseCode,
  closePayload,
  frame,
  type FrameEvent,
  FrameReader,
  Opcode,
} from "../wire/frames.ts";
import { answerHandshake, readHead } from "../wire/http.ts";
import { addressText } from "./deno_backend.ts";
import {
  type Boundary,
  type CloseReason,
  type Connection,
  ConnectionLostError,
  type Listener,
  type OnConnection,
  type Receiver,
} from "./connection.ts";
import type { SocketBackend, TcpOptions } from "./backend.ts";
import type { SocketStream } from "./stream.ts";

const LF = 0x0a;

/** Who takes over a peer that asks for a path; nobody: it is disconnected without a word. */
export type Route = (path: string, host: string | undefined) => OnConnection | undefined;

/** Listens; throws what `Deno.listen` throws when the address cannot be had. */
export function listenWebSocket(doors: SocketBackend, options: TcpOptions, route: Route): Listener {
  const waiting = new Set<SocketStream>();
  const { address, close } = doors.tcp(options, async (stream) => {
    waiting.add(stream);
    await shakeHands(stream, route).finally(() => waiting.delete(stream));
  });
  return {
    label: `websocket ws://${addressText(address)}/`,
    close(): void {
      close();
      for (const stream of waiting) stream.close();
    },
  };
}

/** Answers the handshake, and hands the connection on when it was good; else the stream is closed. */
async function shakeHands(stream: SocketStream, route: Route): Promise<void> {
  const hurry = setTimeout(() => stream.close(), HANDSHAKE_MS_MAX);
  try {
    const { head, rest } = await readUpToBody(stream);
    const request = head === undefined ? undefined : readHead(head);
    const answer = answerHandshake(request);
    if (!answer.accepted) return await stream.closeAfter(bytesOf(answer.text));
    const { target, headers } = request!;
    const welcome = route(target.split("?", 1)[0]!, stream.host);
    if (welcome === undefined) return await stream.close();
    await stream.write(bytesOf(answer.text));
    welcome(new WebSocketConnection(stream, rest, headers.has("origin")));
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) throw error;
    await stream.close();
  } finally {
    clearTimeout(hurry);
  }
}

/** The head of the request, and what came behind it; no head when it is too long or cut off. */
async function readUpToBody(
  stream: SocketStream,
): Promise<{ head: string | undefined; rest: Uint8Array<ArrayBuffer> }> {
  let text = "";
  while (text.length <= HTTP_HEAD_BYTES_MAX) {
    const chunk = await stream.read();
    if (chunk === null) break;
    const from = Math.max(0, text.length - 3);
    text += textOf(chunk);
    const end = /\r?\n\r?\n/.exec(text.slice(from));
    if (end !== null) {
      const at = from + end.index;
      if (at > HTTP_HEAD_BYTES_MAX) break;
      return { head: text.slice(0, at), rest: bytesOf(text.slice(at + end[0].length)) };
    }
  }
  return { head: undefined, rest: new Uint8Array(0) };
}

class WebSocketConnection implements Connection {
  readonly address: string;
  readonly host: string | undefined;
  readonly isPage: boolean;
  boundary: Boundary = "end";
  readonly #stream: SocketStream;
  readonly #frames = new FrameReader("client");
  /** Whether the open message still has to end its last line; an empty message is a blank line. */
  #lineOpen = true;
  /** How the reply that has been begun was begun. */
  #replyOpcode: number | undefined;
  /** What the last ping said, until it is answered. */
  #ping: Uint8Array<ArrayBuffer> | undefined;
  #closeCode: number = CloseCode.goingAway;
  #closed = false;
  /** Whether the peer has said its last. */
  #isOver = false;

  constructor(stream: SocketStream, rest: Uint8Array<ArrayBuffer>, isPage: boolean) {
    this.address = stream.address;
    this.host = stream.host;
    this.isPage = isPage;
    this.#stream = stream;
    this.#frames.push(rest);
  }

  async pump(hearer: Receiver): Promise<void> {
    const drain = () => this.#drain(hearer);
    const isOver = () => this.#isOver || hearer.isOver;
    try {
      await drain(); // what came with the handshake
    } catch (error) {
      hearer.onClose("lost");
      throw error;
    }
    if (isOver()) return hearer.onClose("closed");
    await this.#stream.pump({
      get isOver(): boolean {
        return isOver();
      },
      onData: (bytes) => {
        hearer.onActivity?.();
        if (bytes === null) return hearer.onData(null);
        this.#frames.push(bytes);
        return drain();
      },
      onClosing: (how) => hearer.onClosing?.(how),
      onClose: (how) => hearer.onClose(how),
    });
  }

  closeReason(): CloseReason | undefined {
    return this.#isOver ? "closed" : this.#stream.closeReason();
  }

  hasUnread(): boolean {
    return this.#stream.hasUnread();
  }

  /** Hands on what has come in whole frames; a promise when somebody has to be waited for. */
  #drain(hearer: Receiver): Promise<void> | undefined {
    while (!this.#isOver && !hearer.isOver) {
      const event = this.#frames.next();
      if (event?.kind === "ping") {
        this.#ping = event.bytes.slice();
        continue;
      }
      const waiting = this.#ping !== undefined ? this.#answerPing(this.#ping) : undefined;
      const then = () => this.#hand(event, hearer);
      const handed = waiting === undefined ? then() : waiting.then(then);
      if (handed instanceof Promise) return handed.then(() => this.#drain(hearer));
      if (event === undefined) return undefined;
    }
    return undefined;
  }

  #hand(event: FrameEvent | undefined, hearer: Receiver): Promise<void> | undefined {
    if (event === undefined || event.kind === "ping" || event.kind === "pong") return undefined;
    if (event.kind === "data") {
      if (event.bytes.length === 0 && !event.end) return undefined;
      return hearer.onData(this.#piece(event.bytes, event.end));
    }
    this.#closeCode = event.kind === "violation" ? event.code : CloseCode.normal;
    this.#isOver = true;
    return hearer.onData(null);
  }

  /** Of several pings in a row only the last is answered, as RFC 6455 section 5.5.3 allows. */
  #answerPing(payload: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    this.#ping = undefined;
    return this.#stream.write(frame(Opcode.pong, payload));
  }

  write(bytes: Uint8Array<ArrayBuffer>, more?: "more"): Promise<void> | undefined {
    const payload = this.#replyOpcode === Opcode.text ? asText(bytes) : bytes;
    // Names are bytes, but a text frame must be valid: browsers drop the connection otherwise.
    const opcode = isText(payload) ? Opcode.text : Opcode.binary;
    const goesOn = this.#replyOpcode !== undefined;
    if (more === undefined) this.#replyOpcode = undefined;
    else this.#replyOpcode ??= opcode;
    const options = { final: more === undefined };
    return this.#stream.write(frame(goesOn ? Opcode.continuation : opcode, payload, options));
  }

  async close(why?: "asked"): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // In the middle of a frame there is no room for another.
    if (this.#stream.isWriting) return await this.#stream.close();
    const code = why === "asked" ? CloseCode.normal : this.#closeCode;
    await this.#stream.closeAfter(frame(Opcode.close, closePayload(code)));
  }

  /** A piece of a message; the last one ends its line if it does not do so itself. */
  #piece(bytes: Uint8Array<ArrayBuffer>, end: boolean): Uint8Array<ArrayBuffer> {
    if (bytes.length > 0) this.#lineOpen = bytes.at(-1) !== LF;
    const whole = end && this.#lineOpen
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length + 1)
      : bytes;
    if (whole !== bytes) whole[bytes.length] = LF;
    if (end) this.#lineOpen = true;
    this.boundary = end ? "end" : "open";
    return whole;
  }
}

/**
 * The rest of a reply that began as text: bytes that are no text become U+FFFD, since the type of a
 * message is said at its beginning. Only replies too long to be looked at whole come here.
 */
function asText(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return isText(bytes)
    ? bytes
    : new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
}
