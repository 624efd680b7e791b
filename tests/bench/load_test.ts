/** The pure parts of the load generator: its requests and how it counts replies; and of /proc. */
import { ReplyCounter } from "../../bench/load/replies.ts";
import { batchesOf, type Plan } from "../../bench/load/requests.ts";
import { isSettled, parseCpuSeconds, parseMemoryBytes } from "../../bench/servers/proc.ts";
import { frame, FrameReader, Opcode } from "../../lib/wire/frames.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const PLAN: Plan = { protocol: "glockd", isWebSocket: false, connections: 2, depth: 1, names: 0 };

function batches(plan: Partial<Plan>): readonly string[] {
  const text = new TextDecoder();
  return batchesOf({ ...PLAN, ...plan }).map((batch) => text.decode(batch));
}

Deno.test("every connection has a name of its own, and releases what it has acquired", () => {
  assertEquals(batches({}), ["g bench:0\n", "r bench:0\n", "g bench:1\n", "r bench:1\n"]);
  const deep = ["g bench:0\nr bench:0\ng bench:0\n", "r bench:0\ng bench:0\nr bench:0\n"];
  assertEquals(batches({ connections: 1, depth: 3 }), deep);
});

Deno.test("each server receives the requests of its protocol", () => {
  const pair = (protocol: Plan["protocol"]) => batches({ protocol }).slice(0, 2);
  assertEquals(pair("redis"), ["SET bench:0 1 NX\r\n", "DEL bench:0\r\n"]);
  assertEquals(pair("memcached"), ["add bench:0 0 0 1\r\n1\r\n", "delete bench:0\r\n"]);
  assertEquals(pair("extended"), ["acquire bench:0\n", "release bench:0\n"]);
  assertEquals(pair("looky"), ["consume bench guest-0\r\n", "release bench guest-0\r\n"]);
  assertEquals(pair("renew"), ["consume bench user-0\r\n", "consume bench user-0\r\n"]);
});

Deno.test("shared names are all drawn, and released by the connection that has asked", () => {
  const all = batches({ names: 3 });
  assertEquals(new Set(all).size, 6);
  for (let i = 0; i < all.length; i += 2) assertEquals(all[i + 1], all[i]!.replace("g ", "r "));
  assertEquals(batches({ names: 10_000, depth: 5 }).length, 4_000);
});

Deno.test("over a WebSocket each request is a masked message without a line end", () => {
  const reader = new FrameReader("client");
  reader.push(batchesOf({ ...PLAN, isWebSocket: true, depth: 2 })[0]!);
  for (const expected of ["g bench:0", "r bench:0"]) {
    const event = reader.next();
    assert(event?.kind === "data" && event.isLast);
    assertEquals(new TextDecoder().decode(event.bytes), expected);
  }
});

Deno.test("a batch that does not fit into a socket's buffer is refused", () => {
  assertThrows(() => batchesOf({ ...PLAN, depth: 10_000 }), Error, "bytes fit");
});

/** Counts replies in two pieces, split at every position. */
function assertCounts(
  plan: Partial<Plan>,
  replies: Uint8Array,
  ended: number,
  granted: number,
): void {
  for (let at = 0; at <= replies.length; at++) {
    const counter = new ReplyCounter({ ...PLAN, ...plan });
    const pieces = [replies.subarray(0, at), replies.subarray(at)];
    const counts = pieces.map((piece) => counter.count(piece, piece.length, 1));
    assertEquals(counts[0]! + counts[1]!, ended, `split at ${at}`);
    assertEquals([counter.judged, counter.granted], [ended, granted], `split at ${at}`);
  }
}

Deno.test("replies are counted and judged wherever the network splits them", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assertCounts({}, bytes("1 Lock Get Success: a\r\n0 Lock Get Failure: a\r\n"), 2, 1);
  assertCounts({ protocol: "redis" }, bytes("+OK\r\n$-1\r\n:1\r\n:0\r\n"), 4, 2);
  assertCounts({ protocol: "memcached" }, bytes("STORED\r\nNOT_STORED\r\nDELETED\r\n"), 3, 2);
  assertCounts({ protocol: "extended" }, bytes("1 acquired token=7 count=1\n0 not-held\n"), 2, 1);
  assertCounts({ protocol: "looky" }, bytes("LOOKY/1.0 200 OK\r\nLOOKY/1.0 503 Full\r\n"), 2, 1);
});

Deno.test("WebSocket messages are counted and judged wherever the network splits them", () => {
  // The header of the last has the code of a line feed for its length.
  const replies = ["1 Lock Get Success: a\r\n", "0 Lock Get Failure: a\r\n", "1 seven.\r\n"];
  const frames = replies.flatMap((reply) => [
    ...frame(Opcode.text, new TextEncoder().encode(reply)),
  ]);
  assertCounts({ isWebSocket: true }, Uint8Array.from(frames), 3, 2);
});

Deno.test("parseCpuSeconds() reads the right fields whatever the program's name holds", () => {
  const stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0";
  assertEquals(parseCpuSeconds(stat), 2);
});

Deno.test("parseMemoryBytes() reads the field of its name, in bytes", () => {
  const status = "VmPeak:\t 9 kB\nVmHWM:\t    20 kB\nVmRSS:\t    12 kB\nRssAnon:\t 1 kB\n";
  assertEquals(parseMemoryBytes(status, "VmRSS"), 12 * 1024);
  assertEquals(parseMemoryBytes(status, "VmHWM"), 20 * 1024);
  assert(Number.isNaN(parseMemoryBytes("", "VmRSS")));
});

Deno.test("isSettled() wants six looks at memory within half a percent", () => {
  assertEquals(isSettled([1000, 1000, 1000]), false);
  assertEquals(isSettled([5000, 1000, 1001, 1000, 1002, 1000, 1001]), true);
  assertEquals(isSettled([1000, 1000, 1000, 1000, 1000, 1006]), false);
});
