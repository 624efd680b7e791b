/** What the tests that send anything share: any bytes, any chunking, and all that is answered. */
import { log } from "../../lib/log.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assertEquals } from "./assert.ts";
import { below, pick } from "./random.ts";
import { type InnerServer, startInner } from "./server.ts";

export type Random = () => number;
export type Dial = (server: InnerServer) => Promise<Deno.Conn>;

/** Where lines are sent as they are. */
export const LINE_DIALS: Readonly<Record<"tcp" | "unix", Dial>> = {
  tcp: (server) => Deno.connect(server.tcp),
  unix: (server) => Deno.connect({ transport: "unix", path: server.unix }),
};

export const dialWs: Dial = (server) => Deno.connect(server.ws);

export interface Answers {
  readonly text: string;
  /** The client's address, which differs from run to run. */
  readonly address: string;
}

export function anyBytes(random: Random, most: number): string {
  const bytes = Array.from({ length: below(random, most) }, () => below(random, 256));
  return String.fromCharCode(...bytes);
}

export function anyChunks(random: Random, text: string): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < text.length;) {
    const size = 1 + below(random, pick(random, [1, 4, 30, 2000]));
    chunks.push(bytesOf(text.slice(at, at += size)));
  }
  return chunks;
}

/** All that a fresh server, whose lines may have `maxLine` bytes, answers to the chunks. */
export async function answers(
  dial: Dial,
  chunks: readonly Uint8Array[],
  maxLine: number,
): Promise<Answers> {
  await using server = await startInner([`-max-line=${maxLine}`]);
  const arrival = server.events.nextArrival();
  const conn = await dial(server);
  const heard = hear(conn);
  for (const chunk of chunks) {
    for (let sent = 0; sent < chunk.length;) sent += await conn.write(chunk.subarray(sent));
  }
  await conn.closeWrite();
  const text = await heard;
  conn.close();
  const address = await arrival;
  await server.events.until(`${address} disconnected`);
  return { text, address };
}

export async function hear(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  try {
    for (let count; (count = await conn.read(buffer)) !== null;) text += textOf(buffer, 0, count);
  } catch { /* reset: what came before counts */ }
  return text;
}

/** Runs the work with an eye on the log: a session that met a bug says so there. */
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
