/** Helpers for fuzz tests: random bytes, random chunks, and all replies of a server. */
import { log } from "../../lib/log.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assertEquals } from "./assert.ts";
import { below, pick } from "./random.ts";
import { type InnerServer, startInner } from "./server.ts";

export type Random = () => number;
export type Dial = (server: InnerServer) => Promise<Deno.Conn>;

/** The transports that send lines without framing. */
export const LINE_DIALS: Readonly<Record<"tcp" | "unix", Dial>> = {
  tcp: (server) => Deno.connect(server.tcp),
  unix: (server) => Deno.connect({ transport: "unix", path: server.unix }),
};

export const dialWs: Dial = (server) => Deno.connect(server.ws);

/** All bytes that a server sent. */
export interface Replies {
  readonly text: string;
  /** The client's address, which differs between runs. */
  readonly address: string;
}

/** Returns up to `lengthMax - 1` random bytes as text. */
export function randomBytes(random: Random, lengthMax: number): string {
  const bytes = Array.from({ length: below(random, lengthMax) }, () => below(random, 256));
  return String.fromCharCode(...bytes);
}

/** Cuts the text into random chunks. */
export function randomChunks(random: Random, text: string): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < text.length;) {
    const size = 1 + below(random, pick(random, [1, 4, 30, 2000]));
    chunks.push(bytesOf(text.slice(at, at += size)));
  }
  return chunks;
}

/** Sends the chunks to a new server with `-max-line` and returns its replies. */
export async function repliesTo(
  dial: Dial,
  chunks: readonly Uint8Array[],
  lineBytesMax: number,
): Promise<Replies> {
  await using server = await startInner([`-max-line=${lineBytesMax}`]);
  const connected = server.events.nextConnection();
  const conn = await dial(server);
  const received = readAll(conn);
  for (const chunk of chunks) {
    for (let sent = 0; sent < chunk.length;) sent += await conn.write(chunk.subarray(sent));
  }
  await conn.closeWrite();
  const text = await received;
  conn.close();
  const address = await connected;
  await server.events.until(`${address} disconnected`);
  return { text, address };
}

/** Reads to the end of the connection. */
export async function readAll(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  try {
    for (let count; (count = await conn.read(buffer)) !== null;) text += textOf(buffer, 0, count);
  } catch { /* reset: keep what came before */ }
  return text;
}

/** Runs the work and fails if it logs an error: a session logs errors that are bugs. */
export async function withoutErrors(work: () => Promise<void>): Promise<void> {
  const { error } = log;
  const errors: string[] = [];
  log.error = (line) => void errors.push(line);
  try {
    await work();
  } finally {
    log.error = error;
  }
  assertEquals(errors, []);
}
