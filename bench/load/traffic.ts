/**
 * What is said: acquire and release in turn, made before the clock runs. Pure.
 *
 * A course is what a connection says before it begins again: two batches, so that the first of an
 * odd number of requests in each can be an acquire and the next batch its release. Without shared
 * names every connection has a course and a name of its own; with them all draw from one stock.
 */
import { frame, Opcode } from "../../lib/wire/frames.ts";

export type Protocol = "glockd" | "extended" | "looky" | "redis" | "memcached";

export interface Dialect {
  /** What is said first, if anything; it is answered with one line. */
  readonly greeting?: string;
  acquire(name: number): string;
  release(name: number): string;
  /** Which character of a reply tells whether it was granted, and which ones say yes. */
  readonly verdictAt: number;
  readonly granting: string;
}

export const DIALECTS: Readonly<Record<Protocol, Dialect>> = {
  glockd: {
    acquire: (name) => `g bench:${name}\n`,
    release: (name) => `r bench:${name}\n`,
    verdictAt: 0,
    granting: "1",
  },
  extended: {
    greeting: "hello\n",
    acquire: (name) => `acquire bench:${name}\n`,
    release: (name) => `release bench:${name}\n`,
    verdictAt: 0,
    granting: "1",
  },
  looky: {
    acquire: (name) => `consume bench c${name}\r\n`,
    release: (name) => `release bench c${name}\r\n`,
    verdictAt: "LOOKY/1.0 ".length,
    granting: "2",
  },
  redis: {
    acquire: (name) => `SET bench:${name} 1 NX\r\n`,
    release: (name) => `DEL bench:${name}\r\n`,
    // "+OK" or "$-1", ":1" or ":0".
    verdictAt: 1,
    granting: "O1",
  },
  memcached: {
    acquire: (name) => `add bench:${name} 0 0 1\r\n1\r\n`,
    release: (name) => `delete bench:${name}\r\n`,
    verdictAt: 0,
    granting: "SD",
  },
};

/** How many courses there are to draw from when names are shared. */
const STOCK = 1024;
/** Small enough for any socket's buffer: see calls.ts. */
const BATCH_BYTES_MAX = 64 * 1024;

export interface Plan {
  readonly protocol: Protocol;
  readonly isWebSocket: boolean;
  readonly connections: number;
  /** Requests in a batch. */
  readonly depth: number;
  /** Names that all connections share; 0: a name for each. */
  readonly names: number;
}

/** Two batches for each course, one course after the other. */
export function batchesOf(plan: Plan): readonly Uint8Array<ArrayBuffer>[] {
  const courses = plan.names === 0 ? plan.connections : STOCK;
  const draw = drawer(plan.names);
  const batches = Array.from({ length: courses }, (_, course) => {
    const requests = Array.from({ length: plan.depth }, () => {
      const name = plan.names === 0 ? course : draw();
      const { acquire, release } = DIALECTS[plan.protocol];
      return [acquire(name), release(name)].map((line) => requestBytes(line, plan.isWebSocket));
    }).flat();
    return [join(requests.slice(0, plan.depth)), join(requests.slice(plan.depth))];
  }).flat();
  if (batches.some(({ length }) => length > BATCH_BYTES_MAX)) {
    throw new Error("Too deep a pipeline");
  }
  return batches;
}

/** Numbers below `limit`, the same ones every time: every server sees the same. */
function drawer(limit: number): () => number {
  let state = 1;
  // The lowest bits of such a sequence come in a short cycle.
  return () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) % limit;
}

/** A line as it goes over the wire: as it is, or as a message without its line end. */
export function requestBytes(line: string, isWebSocket: boolean): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  if (!isWebSocket) return encoder.encode(line);
  const mask = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
  return frame(Opcode.text, encoder.encode(line.trimEnd()), { mask });
}

/** Never as small as V8 would keep among its own objects, where foreign functions are slower. */
function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(length, 128)), 0, length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
