/**
 * WebSocket connections: the end of a message ends a line, and each message is answered by one
 * message.
 *
 * `wire/frames.ts` reads and writes the frames, not the runtime; docs/decisions/0002 explains why.
 * The peer's close frame ends the input; `close()` answers it after the session has released its
 * locks.
 */
import { HANDSHAKE_MS_MAX } from "../limits.ts";
import { isText } from "../wire/bytes.ts";
import {
  CloseCode,
  closePayload,
  frame,
  type FrameEvent,
  FrameReader,
  Opcode,
} from "../wire/frames.ts";
import { addressText } from "./address.ts";
import type { OnAccept } from "./backend.ts";
import type {
  Boundary,
  CloseReason,
  Connection,
  Listener,
  OnConnection,
  Receiver,
} from "./connection.ts";
import { ConnectionLostError } from "./errors.ts";
import { HandshakeQueue, readUpgrade } from "./handshake.ts";
import type { SocketStream } from "./stream.ts";
import type { TcpSocket } from "./tcp.ts";

const LF = 0x0a;

/** Returns the handler for a path, or undefined to disconnect the peer. */
export type WebSocketRoute = (path: string, host: string | undefined) => OnConnection | undefined;

/**
 * Serves WebSockets on the byte streams of a listening socket.
 * @param open opens that socket; its errors are passed on.
 */
export function listenWebSocket(
  open: (onAccept: OnAccept) => TcpSocket,
  route: WebSocketRoute,
): Listener {
  const opening = new Set<SocketStream>();
  const handshakes = new HandshakeQueue();
  const { address, close } = open(async (stream) => {
    opening.add(stream);
    await upgrade(stream, route, handshakes).finally(() => opening.delete(stream));
  });
  return {
    label: `websocket ws://${addressText(address)}/`,
    close(): Promise<void> | undefined {
      const closing = close();
      for (const stream of opening) stream.close();
      return closing;
    },
  };
}

/** Answers the handshake, then hands the connection over or closes the stream. */
async function upgrade(
  stream: SocketStream,
  route: WebSocketRoute,
  handshakes: HandshakeQueue,
): Promise<void> {
  const timer = setTimeout(() => stream.close(), HANDSHAKE_MS_MAX);
  try {
    const request = await readUpgrade(stream);
    if (request === undefined) return;
    const { head: { target, headers }, handshake, rest } = request;
    const onConnection = route(target.split("?", 1)[0]!, stream.host);
    if (onConnection === undefined) return await stream.close();
    await handshakes.accept(stream, handshake);
    onConnection(new WebSocketConnection(stream, rest, headers.has("origin")));
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) throw error;
    await stream.close();
  } finally {
    clearTimeout(timer);
  }
}

class WebSocketConnection implements Connection {
  readonly address: string;
  readonly host: string | undefined;
  readonly isWebPage: boolean;
  boundary: Boundary = "end";
  readonly #stream: SocketStream;
  readonly #frames = new FrameReader("client");
  /** Whether the last line of the open message has no LF; an empty message is a blank line. */
  #isLineOpen = true;
  /** The opcode of the reply that is being sent in parts. */
  #replyOpcode: number | undefined;
  /** The payload of the last ping, until it is answered. */
  #ping: Uint8Array<ArrayBuffer> | undefined;
  #closeCode: number = CloseCode.goingAway;
  #isClosed = false;
  /** Whether the peer has sent its close frame, or broken the protocol. */
  #isOver = false;

  constructor(stream: SocketStream, rest: Uint8Array<ArrayBuffer>, isPage: boolean) {
    this.address = stream.address;
    this.host = stream.host;
    this.isWebPage = isPage;
    this.#stream = stream;
    this.#frames.push(rest);
  }

  async pump(receiver: Receiver): Promise<void> {
    const drain = () => this.#drain(receiver);
    const isOver = () => this.#isOver || receiver.isDone;
    try {
      await drain(); // frames that came with the handshake
    } catch (error) {
      receiver.onClose("lost");
      throw error;
    }
    if (isOver()) return receiver.onClose("closed");
    await this.#stream.pump({
      get isDone(): boolean {
        return isOver();
      },
      onData: (bytes) => {
        receiver.onActivity?.();
        if (bytes === null) return receiver.onData(null);
        this.#frames.push(bytes);
        return drain();
      },
      onClosing: (reason) => receiver.onClosing?.(reason),
      onClose: (reason) => receiver.onClose(reason),
    });
  }

  closeReason(): CloseReason | undefined {
    return this.#isOver ? "closed" : this.#stream.closeReason();
  }

  hasUnread(): boolean {
    return this.#stream.hasUnread();
  }

  /** Handles the frames of the last chunk; the promise is for a pending pong or receiver. */
  #drain(receiver: Receiver): Promise<void> | undefined {
    while (!this.#isOver && !receiver.isDone) {
      const event = this.#frames.next();
      if (event?.kind === "ping") {
        this.#ping = event.bytes.slice();
        continue;
      }
      const pong = this.#ping !== undefined ? this.#answerPing(this.#ping) : undefined;
      const handOver = () => this.#handOver(event, receiver);
      const pending = pong === undefined ? handOver() : pong.then(handOver);
      if (pending instanceof Promise) return pending.then(() => this.#drain(receiver));
      if (event === undefined) return undefined;
    }
    return undefined;
  }

  #handOver(event: FrameEvent | undefined, receiver: Receiver): Promise<void> | undefined {
    if (event === undefined || event.kind === "ping" || event.kind === "pong") return undefined;
    if (event.kind === "data") {
      if (event.bytes.length === 0 && !event.isLast) return undefined;
      return receiver.onData(this.#messagePart(event.bytes, event.isLast));
    }
    this.#closeCode = event.kind === "violation" ? event.code : CloseCode.normal;
    this.#isOver = true;
    return receiver.onData(null);
  }

  /** Answers only the last of several pings in a row, as RFC 6455 section 5.5.3 allows. */
  #answerPing(payload: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    this.#ping = undefined;
    return this.#stream.write(frame(Opcode.pong, payload));
  }

  write(bytes: Uint8Array<ArrayBuffer>, more?: "more"): Promise<void> | undefined {
    const payload = this.#replyOpcode === Opcode.text ? asText(bytes) : bytes;
    // Names are bytes, but browsers drop a connection whose text frames are not valid UTF-8.
    const opcode = isText(payload) ? Opcode.text : Opcode.binary;
    const isContinued = this.#replyOpcode !== undefined;
    if (more === undefined) this.#replyOpcode = undefined;
    else this.#replyOpcode ??= opcode;
    const options = { final: more === undefined };
    return this.#stream.write(frame(isContinued ? Opcode.continuation : opcode, payload, options));
  }

  async close(why?: "asked"): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A close frame cannot be sent inside another frame.
    if (this.#stream.isWriting) return await this.#stream.close();
    const code = why === "asked" ? CloseCode.normal : this.#closeCode;
    await this.#stream.closeAfter(frame(Opcode.close, closePayload(code)));
  }

  /** Returns part of a message; adds an LF to the last part if its last line has none. */
  #messagePart(bytes: Uint8Array<ArrayBuffer>, isLast: boolean): Uint8Array<ArrayBuffer> {
    if (bytes.length > 0) this.#isLineOpen = bytes.at(-1) !== LF;
    const part = isLast && this.#isLineOpen
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length + 1)
      : bytes;
    if (part !== bytes) part[bytes.length] = LF;
    if (isLast) this.#isLineOpen = true;
    this.boundary = isLast ? "end" : "open";
    return part;
  }
}

/**
 * Returns a later part of a reply that began as text, with U+FFFD for bytes that are not UTF-8: the
 * first frame sets the type of the whole message. Only long replies are sent in parts.
 */
function asText(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return isText(bytes)
    ? bytes
    : new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
}
