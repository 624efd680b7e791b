/** Clients that say and hear lines, one kind for each transport, so that tests need not know which. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { Ear, Pipe } from "./pipe.ts";
import type { Protocol } from "../../lib/server/services.ts";
import type { InnerServer } from "./server.ts";

/** Text has one character a byte. */
export interface Talker {
  /** The default name that the server gave this client. */
  readonly address: string;
  say(line: string): Promise<void>;
  /** The next line without its end; rejects when the connection ends first. */
  hear(): Promise<string>;
  /** Resolves when the server has ended the connection. */
  left(): Promise<void>;
  /** Ends the connection; resolves to the lines that were never heard. */
  leave(): Promise<string[]>;
}

export const TRANSPORTS = { memory, tcp, unix, websocket };
export type TransportName = keyof typeof TRANSPORTS;

function tcp(server: InnerServer, protocol: Protocol): Promise<Talker> {
  const place = protocol === "looky" ? server.looky : server.tcp;
  return stream(server, () => Deno.connect({ transport: "tcp", ...place }));
}

function unix(server: InnerServer, protocol: Protocol): Promise<Talker> {
  const path = protocol === "looky" ? server.lookyUnix : server.unix;
  return stream(server, () => Deno.connect({ transport: "unix", path }));
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
    left: () => ear.over(),
    async leave(): Promise<string[]> {
      await conn.closeWrite().catch(() => {}); // the server may have ended the connection first
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
async function websocket(server: InnerServer, protocol: Protocol): Promise<Talker> {
  const arrival = server.events.nextArrival();
  const path = protocol === "looky" ? "/looky" : "/";
  const socket = new WebSocket(`ws://${server.ws.hostname}:${server.ws.port}${path}`);
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
    left: () => ear.over(),
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
async function memory(server: InnerServer, protocol: Protocol): Promise<Talker> {
  const arrival = server.events.nextArrival();
  const ear = new Ear();
  const pipe = new Pipe(ear);
  server.server.serve(pipe, protocol);
  return {
    address: await arrival,
    say: (line) => Promise.resolve(pipe.push(bytesOf(`${line}\n`))),
    hear: () => ear.next(),
    left: () => ear.over(),
    leave(): Promise<string[]> {
      pipe.push(null);
      return ear.rest();
    },
  };
}
