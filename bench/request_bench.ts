/**
 * The cost of a request inside the process: each step alone, then all of them. Over sockets the
 * operating system's share comes on top.
 */
import type { Context } from "../lib/dispatch/context.ts";
import { dispatch } from "../lib/dispatch/gate.ts";
import type { Service } from "../lib/dispatch/service.ts";
import { NO_PEER, openSession } from "../lib/dispatch/session.ts";
import { readConfig } from "../lib/server/config.ts";
import { buildServices } from "../lib/server/services.ts";
import { release, tryAcquire } from "../lib/state/locks/rules.ts";
import { newLockStore } from "../lib/state/locks/store.ts";
import { bytesOf, Encoder } from "../lib/wire/bytes.ts";
import { frame, FrameReader, Opcode } from "../lib/wire/frames.ts";
import { glockd, readRequest } from "../lib/wire/glockd.ts";
import { LineReader } from "../lib/wire/lines.ts";
import { looky, readRequest as readPoolRequest } from "../lib/wire/looky.ts";

const LINES = 128;
const chunk = bytesOf("g bench:12\nr bench:12\n".repeat(LINES / 2));
const masked = frame(Opcode.text, bytesOf("g bench:12"), { mask: Uint8Array.of(1, 2, 3, 4) });

const services = buildServices(readConfig([]), undefined, {});
const peer = { address: "bench", host: undefined, isWebPage: false };
const context = openSession(peer, services.glockd, NO_PEER);
const poolContext = openSession(peer, services.looky, NO_PEER);
for (const line of ["add-pool farm", "set-resource farm a 9", "set-resource farm b 9"]) {
  dispatch(services.looky.table, looky, line, poolContext);
}
const poolChunk = bytesOf("consume farm ada\r\nrelease farm ada\r\n".repeat(LINES / 2));
const reader = new LineReader(1024 * 1024);
const frames = new FrameReader("client");
const encoder = new Encoder();
const locks = newLockStore();
const manyLocks = newLockStore();
for (let i = 0; i < 100_000; i++) tryAcquire(manyLocks, `other:${i}`, 2);

Deno.bench("rules: acquire and release", () => {
  tryAcquire(locks, "bench:12", 1);
  release(locks, "bench:12", 1);
});

Deno.bench("rules: acquire and release among 100,000 other locks", () => {
  tryAcquire(manyLocks, "bench:12", 1);
  release(manyLocks, "bench:12", 1);
});

Deno.bench("wire: parse one line", () => void readRequest("g bench:12"));

Deno.bench("wire: parse one line of pools", () => void readPoolRequest("consume farm ada"));

Deno.bench(`wire: ${LINES} lines out of one chunk`, () => {
  reader.push(chunk);
  while (reader.next() !== undefined);
});

Deno.bench("wire: one masked WebSocket frame", () => {
  frames.push(masked);
  frames.next();
});

Deno.bench("gate: get and release", () => {
  dispatch(services.glockd.table, glockd, "g bench:12", context);
  dispatch(services.glockd.table, glockd, "r bench:12", context);
});

Deno.bench("gate: consume and release", () => {
  dispatch(services.looky.table, looky, "consume farm ada", poolContext);
  dispatch(services.looky.table, looky, "release farm ada", poolContext);
});

/** Turns all lines of a chunk into the bytes of their replies. */
function answer(chunk: Uint8Array, { table, dialect }: Service, context: Context): void {
  reader.push(chunk);
  let replies = "";
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    replies += dispatch(table, dialect, line, context);
  }
  encoder.encode(replies);
}

Deno.bench(
  `all: ${LINES} requests for locks, bytes to bytes`,
  () => answer(chunk, services.glockd, context),
);

Deno.bench(`all: ${LINES} requests for pools, bytes to bytes`, () => {
  answer(poolChunk, services.looky, poolContext);
});
