/**
 * Client connections for many requests: they send lines in batches, receive lines, and can end in
 * every possible way. Streams and WebSockets use the same socket; only the codec differs.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { bytesOf, textOf } from "../../../lib/wire/bytes.ts";
import { CloseCode, closePayload } from "../../../lib/wire/frames.ts";
import { openSocket } from "../peer.ts";
import type { Addresses } from "../server.ts";
import { clientFrame, oneFrame, readFrame } from "../ws_frames.ts";

export type Transport = "tcp" | "unix" | "websocket";

/** Receives what happens on a connection. */
export interface WireListener {
  /** Called with each line, without its LF. */
  onLine(text: string): void;
  /** Called once when the connection has ended, whichever side ended it. */
  onEnd(): void;
}

/** How lines are encoded on the socket. Text has one character per byte. */
interface Codec {
  /** Encodes lines, each with its line end, for one write. */
  write(lines: readonly string[]): string;
  /** What to send before ending the stream properly. */
  readonly closeText: string;
  /** Returns the whole lines in the text, without line ends; the rest is passed again with more. */
  read(text: string): { lines: string[]; rest: string };
}

const plain: Codec = {
  write: (lines) => lines.join(""),
  closeText: "",
  read(text: string): { lines: string[]; rest: string } {
    const lines = text.split("\n");
    return { rest: lines.pop()!, lines };
  },
};

/** Puts every second batch into one message. A reply is one message with all its lines. */
function framed(): Codec {
  let batches = 0;
  const asText = (text: string): string => textOf(clientFrame(text));
  return {
    write: (lines) => ++batches % 2 === 0 ? asText(lines.join("")) : lines.map(asText).join(""),
    closeText: textOf(clientFrame(closePayload(CloseCode.normal), { type: "close" })),
    read(text: string): { lines: string[]; rest: string } {
      const lines: string[] = [];
      let rest = text;
      for (let size; typeof (size = oneFrame.match(rest)) === "number";) {
        const { type, text: payload } = readFrame(rest);
        rest = rest.slice(size);
        if (type === "text" || type === "binary") lines.push(...payload.split("\n").slice(0, -1));
      }
      return { lines, rest };
    },
  };
}

const HANDSHAKE = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
  "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
  "Sec-WebSocket-Version: 13\r\n\r\n";

export async function connect(
  to: Addresses,
  transport: Transport,
  listener: WireListener,
): Promise<Wire> {
  const socket = await openSocket(transport === "unix" ? to.unix : to[ADDRESS_KEYS[transport]]);
  if (transport !== "websocket") return new Wire(socket, listener, plain, transport === "tcp");
  await new Promise<void>((resolve, reject) => {
    socket.once("data", (bytes: Uint8Array) => {
      // The server sends nothing behind it before the first request.
      if (/^HTTP\/1\.1 101 [^]*\r\n\r\n$/.test(textOf(bytes))) resolve();
      else reject(new Error(`Cannot connect: the server refused the handshake: ${textOf(bytes)}`));
    });
    socket.write(HANDSHAKE);
  });
  return new Wire(socket, listener, framed(), true);
}

const ADDRESS_KEYS = { tcp: "tcp", websocket: "ws" } as const;

export class Wire {
  /** Whether it can send a reset. Unix sockets and older runtimes cannot. */
  readonly canReset: boolean;
  readonly #socket: Socket;
  readonly #codec: Codec;

  constructor(socket: Socket, listener: WireListener, codec: Codec, canReset: boolean) {
    this.#socket = socket;
    this.#codec = codec;
    this.canReset = canReset && "resetAndDestroy" in socket;
    let rest = "";
    socket.on("data", (bytes: Uint8Array) => {
      const read = codec.read(rest + textOf(bytes));
      rest = read.rest;
      for (const line of read.lines) listener.onLine(line);
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => listener.onEnd());
  }

  /** Sends lines, each with its line end, in one write. */
  send(lines: readonly string[]): void {
    this.#socket.write(Buffer.from(bytesOf(this.#codec.write(lines))));
  }

  /** Ends the sending side properly; replies are still received. */
  endSending(): void {
    const { closeText } = this.#codec;
    if (closeText === "") this.#socket.end();
    else this.#socket.write(Buffer.from(bytesOf(closeText))); // the server ends the stream then
  }

  /** Ends the connection at once, with a reset where that is possible. */
  reset(): void {
    if (this.canReset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** Ends the connection at once, as when a program is killed. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Stops or resumes reading. */
  setPaused(isPaused: boolean): void {
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }
}
