// deno-lint-ignore-file no-console -- its answers go to the standard output
/**
 * The client that does what is extreme, in a process of its own: holds very many connections and
 * locks, lets them go, asks for long listings. Linux only.
 *
 * It does what it is told (orders.ts), one after the other, and waits in the kernel meanwhile:
 * nothing of its own stands between what happens and the clock.
 */
import { openCalls } from "../load/calls.ts";
import type { HolderOrder, LeaveAnswer, ListAnswer, ResetAnswer } from "./orders.ts";
import { Queue } from "./queue.ts";
import { Talk } from "./talk.ts";

/** How many lines to say at once, and how long to wait before asking the same again. */
const BATCH = 1000;
const PAUSE_MS = 1;

const calls = openCalls();
const port = Number(Deno.args[0]);
const held: Talk[] = [];
/** Asks how things are. */
const watcher = new Talk(calls, port);
/** Those who wait. */
let queue: Queue | undefined;
/** Says what is to be said very often. */
let owner: Talk | undefined;

function hold(connections: number, locksEach: number): void {
  for (let i = 0; i < connections; i++) {
    const talk = new Talk(calls, port);
    const host = held.push(talk);
    const lines = Array.from({ length: locksEach }, (_, j) => `g host-${host}/lock-${j}\n`);
    talk.say(lines.join(""));
    talk.dropLines(locksEach);
  }
}

function reset(count: number, locksLeft: number): ResetAnswer {
  const leaving = held.splice(-count);
  for (const talk of leaving) talk.makeAbrupt();
  const startMs = calls.nowMs();
  for (const talk of leaving) talk.close();
  const closedMs = calls.nowMs() - startMs;
  awaitLocks(locksLeft);
  return { closedMs, freeMs: calls.nowMs() - startMs };
}

function say(to: number, line: string, count: number): void {
  owner ??= new Talk(calls, to);
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from);
    owner.say(Array.from({ length }, (_, i) => `${line.replace("#", `${from + i}`)}\n`).join(""));
    owner.dropLines(length);
  }
}

function list({ port, line, last, reply }: HolderOrder & { readonly kind: "list" }): ListAnswer {
  const talk = new Talk(calls, port);
  const startMs = calls.nowMs();
  talk.say(`${line}\n${last}\n`);
  talk.endSaying();
  const { bytes, tail } = talk.readAll();
  const ms = calls.nowMs() - startMs;
  talk.close();
  if (!tail.trimEnd().endsWith(reply)) throw new Error(`"${line}" ended early: ...${tail}`);
  return { bytes, ms };
}

function leave(lock: string, locksLeft: number): LeaveAnswer {
  const startMs = calls.nowMs();
  owner?.close();
  owner = undefined;
  while (ask(`i ${lock}`, "\n").startsWith("1")) pause();
  const freeMs = calls.nowMs() - startMs;
  awaitLocks(locksLeft);
  return { freeMs, countedMs: calls.nowMs() - startMs };
}

function ask(line: string, end: string | RegExp): string {
  watcher.say(`${line}\n`);
  return watcher.readTo(end);
}

function awaitLocks(most: number): void {
  const count = () => Number(/^locks: (\d+)/m.exec(ask("q", /^shared_orphans: \d+\r?\n$/m))?.[1]);
  while (count() > most) pause();
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

function obey(order: HolderOrder): unknown {
  switch (order.kind) {
    case "hold":
      return hold(order.connections, order.locksEach);
    case "reset":
      return reset(order.count, order.locksLeft);
    case "say":
      return say(order.port, order.line, order.count);
    case "list":
      return list(order);
    case "greet":
      queue ??= new Queue(calls, order.place);
      return queue.greet(order.count);
    case "join":
      return queue?.join();
    case "thin":
      return queue?.thin();
    case "drain":
      return queue?.drain();
    case "leave":
      return leave(order.lock, order.locksLeft);
  }
}

const text = new TextDecoder();
const order = new Uint8Array(4096);
try {
  for (let length; (length = Deno.stdin.readSync(order)) !== null;) {
    const answer = obey(JSON.parse(text.decode(order.subarray(0, length))));
    console.log(JSON.stringify(answer ?? {}));
  }
} catch (error) {
  console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
}
Deno.exit(0); // without taking leave of thousands of connections one by one
