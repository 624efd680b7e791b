/** The load generator's pure parts: what it says, how it counts replies, what it reads of /proc. */
import { busySecondsOf } from "../../bench/load/busy.ts";
import { repliesTo } from "../../bench/load/replies.ts";
import { batchesOf, type Plan } from "../../bench/load/traffic.ts";
import { frame, FrameReader, Opcode } from "../../lib/wire/frames.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const PLAN: Plan = {
  protocol: "glockd",
  isWebSocket: false,
  connections: 2,
  depth: 1,
  names: 0,
};

function said(plan: Partial<Plan>): readonly string[] {
  const text = new TextDecoder();
  return batchesOf({ ...PLAN, ...plan }).map((batch) => text.decode(batch));
}

Deno.test("every connection has a name of its own, and releases what it has acquired", () => {
  assertEquals(said({}), ["g bench:0\n", "r bench:0\n", "g bench:1\n", "r bench:1\n"]);
  const deep = ["g bench:0\nr bench:0\ng bench:0\n", "r bench:0\ng bench:0\nr bench:0\n"];
  assertEquals(said({ connections: 1, depth: 3 }), deep);
});

Deno.test("each server is spoken to in its own words", () => {
  assertEquals(said({ protocol: "redis" }).slice(0, 2), [
    "SET bench:0 1 NX\r\n",
    "DEL bench:0\r\n",
  ]);
  const memcached = ["add bench:0 0 0 1\r\n1\r\n", "delete bench:0\r\n"];
  assertEquals(said({ protocol: "memcached" }).slice(0, 2), memcached);
  assertEquals(said({ protocol: "extended" }).slice(0, 2), [
    "acquire bench:0\n",
    "release bench:0\n",
  ]);
  const looky = ["consume bench c0\r\n", "release bench c0\r\n"];
  assertEquals(said({ protocol: "looky" }).slice(0, 2), looky);
});

Deno.test("shared names are all drawn, and released by whoever has asked", () => {
  const batches = said({ names: 3 });
  assertEquals(new Set(batches).size, 6);
  for (let i = 0; i < batches.length; i += 2) {
    assertEquals(batches[i + 1], batches[i]!.replace("g ", "r "));
  }
});

Deno.test("over a WebSocket each request is a masked message without a line end", () => {
  const reader = new FrameReader("client");
  reader.push(batchesOf({ ...PLAN, isWebSocket: true, depth: 2 })[0]!);
  for (const expected of ["g bench:0", "r bench:0"]) {
    const event = reader.next();
    assert(event?.kind === "data" && event.end);
    assertEquals(new TextDecoder().decode(event.bytes), expected);
  }
});

Deno.test("a batch must fit into a socket's buffer", () => {
  assertThrows(() => batchesOf({ ...PLAN, depth: 10_000 }), Error, "deep");
});

/** Ends, beginnings and grants in these pieces, cut at every place. */
function assertCounts(
  plan: Partial<Plan>,
  replies: Uint8Array,
  ends: number,
  granted: number,
): void {
  for (let cut = 0; cut <= replies.length; cut++) {
    const counter = repliesTo({ ...PLAN, ...plan });
    const pieces = [replies.subarray(0, cut), replies.subarray(cut)];
    const counts = pieces.map((piece) => counter.count(piece, piece.length, 1));
    assertEquals(counts[0]! + counts[1]!, ends, `cut at ${cut}`);
    assertEquals([counter.begun, counter.granted], [ends, granted], `cut at ${cut}`);
  }
}

Deno.test("replies are counted and judged however they are cut", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assertCounts({}, bytes("1 Lock Get Success: a\r\n0 Lock Get Failure: a\r\n"), 2, 1);
  assertCounts({ protocol: "redis" }, bytes("+OK\r\n$-1\r\n:1\r\n:0\r\n"), 4, 2);
  assertCounts({ protocol: "memcached" }, bytes("STORED\r\nNOT_STORED\r\nDELETED\r\n"), 3, 2);
  assertCounts({ protocol: "extended" }, bytes("1 acquired token=7 count=1\n0 not-held\n"), 2, 1);
  assertCounts({ protocol: "looky" }, bytes("LOOKY/1.0 200 OK\r\nLOOKY/1.0 503 Full\r\n"), 2, 1);
});

Deno.test("messages of a WebSocket are counted and judged however they are cut", () => {
  const replies = ["1 Lock Get Success: a\r\n", "", "0 Lock Get Failure: a\r\n"];
  const frames = replies.flatMap((reply) => [
    ...frame(Opcode.text, new TextEncoder().encode(reply)),
  ]);
  assertCounts({ isWebSocket: true }, Uint8Array.from(frames), 3, 1);
});

Deno.test("a program's name cannot shift what is read of it", () => {
  const stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0";
  assertEquals(busySecondsOf(stat), 2);
});
