/** Clients that say and hear lines, one kind for each transport, so that tests need not know which. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { type Connection, ConnectionLostError, type Edge } from "../../lib/transport/connection.ts";
import type { InnerServer } from "./server.ts";

/** Text has one character a byte. */
export interface Talker {
  /** The default name that the server gave this client. */
  readonly address: string;
  say(line: string): Promise<void>;
  /** The next line without its end; rejects when the connection ends first. */
  hear(): Promise<string>;
  /** Ends the connection; resolves to the lines that were never heard. */
  leave(): Promise<string[]>;
}

export const TRANSPORTS = { memory, tcp, unix, websocket };
export type TransportName = keyof typeof TRANSPORTS;

/** Lines that have come, and those who wait for one. */
class Ear {
  #open = "";
  #over = false;
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;

  hears(text: string): void {
    const lines = (this.#open + text).split("\n");
    this.#open = lines.pop()!;
    this.#lines.push(...lines.map((line) => line.replace(/\r$/, "")));
    this.#wake?.();
  }

  end(): void {
    this.#over = true;
    this.#wake?.();
  }

  async next(): Promise<string> {
    while (this.#lines.length === 0) {
      if (this.#over) throw new Error("The connection ended where a line was expected");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#lines.shift()!;
  }

  async rest(): Promise<string[]> {
    while (!this.#over) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#open === "" ? this.#lines : [...this.#lines, this.#open];
  }
}

function tcp(server: InnerServer): Promise<Talker> {
  return stream(server, () => Deno.connect({ transport: "tcp", ...server.tcp }));
}

function unix(server: InnerServer): Promise<Talker> {
  return stream(server, () => Deno.connect({ transport: "unix", path: server.unix }));
}

async function stream(server: InnerServer, connect: () => Promise<Deno.Conn>): Promise<Talker> {
  const arrival = server.events.nextArrival();
  const conn = await connect();
  const ear = new Ear();
  const heard = listen(conn, ear);
  return {
    address: await arrival,
    say: (line) => writeAll(conn, bytesOf(`${line}\n`)),
    hear: () => ear.next(),
    async leave(): Promise<string[]> {
      await conn.closeWrite();
      await heard;
      conn.close();
      return await ear.rest();
    },
  };
}

async function listen(conn: Deno.Conn, ear: Ear): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  for (let count; (count = await conn.read(buffer)) !== null;) ear.hears(textOf(buffer, 0, count));
  ear.end();
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

/** The runtime's own WebSocket client: a stranger's implementation. */
async function websocket(server: InnerServer): Promise<Talker> {
  const arrival = server.events.nextArrival();
  const socket = new WebSocket(`ws://${server.ws.hostname}:${server.ws.port}/`);
  socket.binaryType = "arraybuffer";
  const ear = new Ear();
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    ear.hears(textOf(typeof data === "string" ? utf8(data) : new Uint8Array(data)));
  socket.onclose = () => ear.end();
  const address = await arrival;
  await new Promise((resolve) => socket.readyState === 1 ? resolve(0) : socket.onopen = resolve);
  return {
    address,
    say: (line) => Promise.resolve(socket.send(bytesOf(line))),
    hear: () => ear.next(),
    leave(): Promise<string[]> {
      socket.close();
      return ear.rest();
    },
  };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** No socket at all: chunks are handed over inside the process. */
async function memory(server: InnerServer): Promise<Talker> {
  const arrival = server.events.nextArrival();
  const ear = new Ear();
  const pipe = new Pipe(ear);
  server.server.serve(pipe);
  return {
    address: await arrival,
    say: (line) => Promise.resolve(pipe.push(bytesOf(`${line}\n`))),
    hear: () => ear.next(),
    leave(): Promise<string[]> {
      pipe.push(null);
      return ear.rest();
    },
  };
}

let pipes = 0;

class Pipe implements Connection {
  readonly address = `memory:${++pipes}`;
  readonly edge: Edge = "none";
  readonly #ear: Ear;
  readonly #chunks: (Uint8Array<ArrayBuffer> | null)[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(ear: Ear) {
    this.#ear = ear;
  }

  push(chunk: Uint8Array<ArrayBuffer> | null): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    while (this.#chunks.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#closed) throw new ConnectionLostError("The pipe was closed");
    return this.#chunks.shift()!;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#ear.hears(textOf(bytes));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#ear.end();
    this.#wake?.();
    return Promise.resolve();
  }
}
