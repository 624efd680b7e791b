/**
 * Where a request's time goes inside the process: each step of the path alone, then all of it. Over
 * sockets the operating system's share comes on top.
 */
import type { Context } from "../lib/dispatch/command.ts";
import { passGate } from "../lib/dispatch/gate.ts";
import { enter, MUTE } from "../lib/dispatch/session.ts";
import { readConfig } from "../lib/server/config.ts";
import { buildServices } from "../lib/server/services.ts";
import { acquire, newLocks, release } from "../lib/state/locks.ts";
import { bytesOf, Encoder } from "../lib/wire/bytes.ts";
import type { Dialect } from "../lib/wire/dialect.ts";
import { frame, FrameReader, Opcode } from "../lib/wire/frames.ts";
import { glockd, readRequest } from "../lib/wire/glockd.ts";
import { LineReader } from "../lib/wire/lines.ts";
import { looky, readRequest as readPoolRequest } from "../lib/wire/looky.ts";

const LINES = 128;
const chunk = bytesOf("g bench:12\nr bench:12\n".repeat(LINES / 2));
const masked = frame(Opcode.text, bytesOf("g bench:12"), { mask: Uint8Array.of(1, 2, 3, 4) });

const services = buildServices(readConfig([]), undefined, {});
const context = enter({ address: "bench", host: undefined, isPage: false }, services.glockd, MUTE);
const reader = new LineReader(1024 * 1024);
const encoder = new Encoder();
const locks = newLocks();

Deno.bench("rules: acquire and release", () => {
  acquire(locks, "bench:12", 1);
  release(locks, "bench:12", 1);
});

const crowded = newLocks();
for (let i = 0; i < 100_000; i++) acquire(crowded, `other:${i}`, 2);

Deno.bench("rules: acquire and release among 100,000 other locks", () => {
  acquire(crowded, "bench:12", 1);
  release(crowded, "bench:12", 1);
});

Deno.bench("wire: parse one line", () => {
  readRequest("g bench:12");
});

Deno.bench(`wire: ${LINES} lines out of one chunk`, () => {
  reader.push(chunk);
  while (reader.next() !== undefined);
});

const frames = new FrameReader("client");

Deno.bench("wire: one masked WebSocket frame", () => {
  frames.push(masked);
  frames.next();
});

Deno.bench("gate: get and release", () => {
  passGate(glockd, "g bench:12", context);
  passGate(glockd, "r bench:12", context);
});

const poolContext = enter({ address: "b", host: undefined, isPage: false }, services.looky, MUTE);
for (const line of ["add-pool farm", "set-resource farm a 9", "set-resource farm b 9"]) {
  passGate(looky, line, poolContext);
}
const poolChunk = bytesOf("consume farm ada\r\nrelease farm ada\r\n".repeat(LINES / 2));

Deno.bench("wire: parse one line of pools", () => {
  readPoolRequest("consume farm ada");
});

Deno.bench("gate: consume and release", () => {
  passGate(looky, "consume farm ada", poolContext);
  passGate(looky, "release farm ada", poolContext);
});

/** All lines of a chunk to the bytes of their replies. */
function answer(chunk: Uint8Array, dialect: Dialect, context: Context): void {
  reader.push(chunk);
  let replies = "";
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    replies += passGate(dialect, line, context);
  }
  encoder.encode(replies);
}

Deno.bench(`all: ${LINES} requests for locks, bytes to bytes`, () => {
  answer(chunk, glockd, context);
});

Deno.bench(`all: ${LINES} requests for pools, bytes to bytes`, () => {
  answer(poolChunk, looky, poolContext);
});
