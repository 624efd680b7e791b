/** Clients that send and receive lines, one for each transport: a test can run over all of them. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { LineQueue, Pipe } from "./pipe.ts";
import type { Protocol } from "../../lib/server/services.ts";
import type { InnerServer } from "./server.ts";

/** A client of one transport. Text has one character per byte. */
export interface TransportClient {
  /** The address of this client, which is its default name on the server. */
  readonly address: string;
  send(line: string): Promise<void>;
  /** Resolves to the next line without its end; rejects when the connection ends first. */
  receive(): Promise<string>;
  /** Resolves when the server has closed the connection. */
  untilClosed(): Promise<void>;
  /** Closes the connection; resolves to the lines that were not received yet. */
  close(): Promise<string[]>;
}

export const TRANSPORTS = { memory, tcp, unix, websocket };
export type TransportName = keyof typeof TRANSPORTS;

function tcp(server: InnerServer, protocol: Protocol): Promise<TransportClient> {
  const address = protocol === "looky" ? server.looky : server.tcp;
  return stream(server, () => Deno.connect({ transport: "tcp", ...address }));
}

function unix(server: InnerServer, protocol: Protocol): Promise<TransportClient> {
  const path = protocol === "looky" ? server.lookyUnix : server.unix;
  return stream(server, () => Deno.connect({ transport: "unix", path }));
}

async function stream(
  server: InnerServer,
  connect: () => Promise<Deno.Conn>,
): Promise<TransportClient> {
  const arrival = server.events.nextConnection();
  const conn = await connect();
  const lines = new LineQueue();
  const ended = readAll(conn, lines);
  return {
    address: await arrival,
    send: (line) => writeAll(conn, bytesOf(`${line}\n`)),
    receive: () => lines.next(),
    untilClosed: () => lines.ended(),
    async close(): Promise<string[]> {
      await conn.closeWrite().catch(() => {}); // the server may have closed the connection first
      await ended;
      conn.close();
      return await lines.rest();
    },
  };
}

async function readAll(conn: Deno.Conn, lines: LineQueue): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  for (let count; (count = await conn.read(buffer)) !== null;) lines.push(textOf(buffer, 0, count));
  lines.end();
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

/** Uses the runtime's WebSocket client: an independent implementation. */
async function websocket(server: InnerServer, protocol: Protocol): Promise<TransportClient> {
  const arrival = server.events.nextConnection();
  const path = protocol === "looky" ? "/looky" : "/";
  const socket = new WebSocket(`ws://${server.ws.hostname}:${server.ws.port}${path}`);
  socket.binaryType = "arraybuffer";
  const lines = new LineQueue();
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    lines.push(textOf(typeof data === "string" ? utf8(data) : new Uint8Array(data)));
  socket.onclose = () => lines.end();
  const address = await arrival;
  await new Promise((resolve) => socket.readyState === 1 ? resolve(0) : socket.onopen = resolve);
  return {
    address,
    send: (line) => Promise.resolve(socket.send(bytesOf(line))),
    receive: () => lines.next(),
    untilClosed: () => lines.ended(),
    close(): Promise<string[]> {
      socket.close();
      return lines.rest();
    },
  };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Passes chunks inside the process, without a socket. */
async function memory(server: InnerServer, protocol: Protocol): Promise<TransportClient> {
  const arrival = server.events.nextConnection();
  const lines = new LineQueue();
  const pipe = new Pipe(lines);
  server.server.serve(pipe, protocol);
  return {
    address: await arrival,
    send: (line) => Promise.resolve(pipe.push(bytesOf(`${line}\n`))),
    receive: () => lines.next(),
    untilClosed: () => lines.ended(),
    close(): Promise<string[]> {
      pipe.push(null);
      return lines.rest();
    },
  };
}
