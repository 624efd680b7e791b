/**
 * The requests of the load generator: acquire and release in turn, encoded before the clock starts.
 * Pure.
 *
 * A connection sends batches in pairs. Acquires and releases alternate across the pair, so a batch
 * with an odd number of requests can end with an acquire that the next batch releases. Without
 * shared names every connection has a pair and a name of its own; with them all draw from one stock.
 */
import { frame, Opcode } from "../../lib/wire/frames.ts";

export type Protocol = "glockd" | "extended" | "looky" | "renew" | "redis" | "memcached";

export interface Dialect {
  /** The requests, with `#` for the name. */
  readonly acquire: string;
  readonly release: string;
  /** Which byte of a reply tells whether the request was granted, and its values that say so. */
  readonly verdictAt: number;
  readonly granting: string;
  /** The first request of a connection, answered by one line. */
  readonly greeting?: string;
}

function dialect(acquire: string, release: string, verdictAt: number, granting: string): Dialect {
  return { acquire, release, verdictAt, granting };
}

const LOOKY_CODE_AT = "LOOKY/1.0 ".length;

export const DIALECTS: Readonly<Record<Protocol, Dialect>> = {
  glockd: dialect("g bench:#\n", "r bench:#\n", 0, "1"),
  extended: { ...dialect("acquire bench:#\n", "release bench:#\n", 0, "1"), greeting: "hello\n" },
  looky: dialect("consume bench guest-#\r\n", "release bench guest-#\r\n", LOOKY_CODE_AT, "2"),
  /** Renews sessions of consumers that stay. */
  renew: dialect("consume bench user-#\r\n", "consume bench user-#\r\n", LOOKY_CODE_AT, "2"),
  // "+OK" or "$-1", ":1" or ":0".
  redis: dialect("SET bench:# 1 NX\r\n", "DEL bench:#\r\n", 1, "O1"),
  memcached: dialect("add bench:# 0 0 1\r\n1\r\n", "delete bench:#\r\n", 0, "SD"),
};

/** What the generator sends. */
export interface Plan {
  readonly protocol: Protocol;
  readonly isWebSocket: boolean;
  readonly connections: number;
  /** Requests in a batch, sent before any reply. */
  readonly depth: number;
  /** How many names all connections share; 0 gives each connection a name of its own. */
  readonly names: number;
}

/** How many pairs there are to draw from when names are shared, unless more are needed for all. */
const PAIRS_MIN = 1024;
/** Fits into the buffer of any socket, so that sending never waits. */
const BATCH_BYTES_MAX = 64 * 1024;

/** Returns two batches for each pair, one pair after the other. */
export function batchesOf(plan: Plan): readonly Uint8Array<ArrayBuffer>[] {
  const { names, depth } = plan;
  const pairs = names === 0 ? plan.connections : Math.max(PAIRS_MIN, Math.ceil(names / depth));
  const random = randomBelow(names);
  const { acquire, release } = DIALECTS[plan.protocol];
  const batches = Array.from({ length: pairs }, (_, pair) => {
    const lines = Array.from({ length: depth }, () => {
      const name = `${names === 0 ? pair : random()}`;
      return [acquire.replace("#", name), release.replace("#", name)];
    }).flat();
    return [lines.slice(0, depth), lines.slice(depth)].map((it) => encode(it, plan.isWebSocket));
  }).flat();
  if (batches.every(({ length }) => length <= BATCH_BYTES_MAX)) return batches;
  throw new Error(`Cannot send ${depth} requests at once: at most ${BATCH_BYTES_MAX} bytes fit`);
}

/** Returns a source of numbers below `limit`: the same ones for every server. */
export function randomBelow(limit: number): () => number {
  let state = 1;
  // The lowest bits of such a sequence repeat after a short cycle.
  return () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) % limit;
}

/** Encodes lines as they are, or each as a WebSocket message without its line end. */
export function encode(lines: readonly string[], isWebSocket: boolean): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const mask = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
  const messageOf = (line: string) => frame(Opcode.text, encoder.encode(line.trimEnd()), { mask });
  const content = isWebSocket
    ? lines.flatMap((line) => [...messageOf(line)])
    : encoder.encode(lines.join(""));
  // V8 keeps small arrays among its own objects, where foreign functions are slower.
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(content.length, 128)), 0, content.length);
  bytes.set(content);
  return bytes;
}
