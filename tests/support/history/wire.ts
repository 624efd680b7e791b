/**
 * Clients' sides of connections that are made for many requests: lines in batches out, lines in, and
 * all the ways to end. The same socket for streams and WebSockets; only what is on it differs.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { bytesOf, textOf } from "../../../lib/wire/bytes.ts";
import { CloseCode, closePayload } from "../../../lib/wire/frames.ts";
import { openSocket } from "../peer.ts";
import type { Places } from "../server.ts";
import { clientFrame, oneFrame, readFrame } from "../ws_frames.ts";

export type Transport = "tcp" | "unix" | "websocket";

/** What comes of a connection. */
export interface Ear {
  /** A line without its LF. */
  line(text: string): void;
  /** The connection is over, whoever ended it. Told once. */
  end(): void;
}

/** What is on the socket: text has one character a byte. */
interface Coding {
  /** Lines, each with its end, as they are sent in one go. */
  write(lines: readonly string[]): string;
  /** What says properly that nothing more will be asked, before the end of the stream. */
  readonly goodbye: string;
  /** Whole lines, their ends gone, of what has come; the rest is given again with more. */
  read(text: string): { lines: string[]; rest: string };
}

const plain: Coding = {
  write: (lines) => lines.join(""),
  goodbye: "",
  read(text: string): { lines: string[]; rest: string } {
    const lines = text.split("\n");
    return { rest: lines.pop()!, lines };
  },
};

/** Every second time all lines are in one message; an answer is a message with all its lines. */
function framed(): Coding {
  let batches = 0;
  const asText = (text: string): string => textOf(clientFrame(text));
  return {
    write: (lines) => ++batches % 2 === 0 ? asText(lines.join("")) : lines.map(asText).join(""),
    goodbye: textOf(clientFrame(closePayload(CloseCode.normal), { type: "close" })),
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

export async function connect(to: Places, transport: Transport, ear: Ear): Promise<Wire> {
  const socket = await openSocket(transport === "unix" ? to.unix : to[PLACES[transport]]);
  if (transport !== "websocket") return new Wire(socket, ear, plain, transport === "tcp");
  await new Promise<void>((resolve, reject) => {
    socket.once("data", (bytes: Uint8Array) => {
      // Nothing comes behind it before something was asked.
      if (/^HTTP\/1\.1 101 [^]*\r\n\r\n$/.test(textOf(bytes))) resolve();
      else reject(new Error(`The handshake was refused: ${textOf(bytes)}`));
    });
    socket.write(HANDSHAKE);
  });
  return new Wire(socket, ear, framed(), true);
}

const PLACES = { tcp: "tcp", websocket: "ws" } as const;

export class Wire {
  /** Whether it can send a reset, and thereby say that it did not end well. Older runtimes cannot. */
  readonly canReset: boolean;
  readonly #socket: Socket;
  readonly #coding: Coding;

  constructor(socket: Socket, ear: Ear, coding: Coding, canReset: boolean) {
    this.#socket = socket;
    this.#coding = coding;
    this.canReset = canReset && "resetAndDestroy" in socket;
    let rest = "";
    socket.on("data", (bytes: Uint8Array) => {
      const read = coding.read(rest + textOf(bytes));
      rest = read.rest;
      for (const line of read.lines) ear.line(line);
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => ear.end());
  }

  /** Sends lines, each with its end, in one go. */
  send(lines: readonly string[]): void {
    this.#socket.write(Buffer.from(bytesOf(this.#coding.write(lines))));
  }

  /** Says properly that nothing more will be asked; what comes is still heard. */
  finish(): void {
    const { goodbye } = this.#coding;
    if (goodbye === "") this.#socket.end();
    else this.#socket.write(Buffer.from(bytesOf(goodbye))); // the server ends the stream then
  }

  /** Ends at once, by a reset where that is possible. */
  reset(): void {
    if (this.canReset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** Ends at once, as when a program is killed. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Reads nothing more, or again. */
  pause(isPaused: boolean): void {
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }
}
