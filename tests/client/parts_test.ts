/** The small parts of the client: received chunks, names, signals. */
import { ReceiveBuffer } from "../../lib/client/receive_buffer.ts";
import { commonPrefix, kindOf } from "../../lib/client/modes.ts";
import { PoolError, ReplyReader } from "../../lib/client/pool_reply.ts";
import type { PoolReply } from "../../lib/client/pool_types.ts";
import { anySignal, unlessAborted } from "../../lib/client/abort.ts";
import { sleep } from "../../lib/client/backoff.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, seededRandom, someSeeds } from "../support/random.ts";

function linesOf(reply: PoolReply | PoolError | undefined): readonly string[] | undefined {
  return reply instanceof PoolError ? undefined : reply?.lines;
}

const bytes = (text: string) => new TextEncoder().encode(text);

for (const seed of someSeeds()) {
  Deno.test(`ReceiveBuffer.line() returns whole lines from chunks of any size (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const lines = Array.from({ length: 200 }, () => "aä€😀 ".repeat(below(random, 300)));
    const text = bytes(lines.map((line) => line + (random() < 0.5 ? "\r\n" : "\n")).join(""));
    const buffer = new ReceiveBuffer();
    const found: string[] = [];
    for (let from = 0; from < text.length;) {
      const to = from + 1 + below(random, 5000);
      buffer.push(text.subarray(from, to));
      from = to;
      if (random() < 0.3) continue;
      for (let line = buffer.line(); line !== undefined; line = buffer.line()) found.push(line);
    }
    for (let line = buffer.line(); line !== undefined; line = buffer.line()) found.push(line);
    assertEquals(found, lines);
    assertEquals(buffer.take(1), undefined);
  });
}

Deno.test("ReceiveBuffer.line() keeps a byte order mark", () => {
  const buffer = new ReceiveBuffer();
  buffer.push(bytes("\ufeffa\n"));
  assertEquals(buffer.line(), "\ufeffa");
});

Deno.test("ReplyReader assembles replies from single bytes", () => {
  const body = '{"pool-list": ["ä€"]}';
  const text = bytes(
    "LOOKY/1.0 200 OK\r\nLOOKY/1.0 201 OK:multiline=yes\r\na\r\nb\r\n\r\n" +
      `LOOKY/1.0 202 OK:format=json,length=${bytes(body).length}\r\n${body}\r\n` +
      "LOOKY/1.0 404 ERR:message=no\\ssuch\r\nLOOKY/1.0 201 OK:multiline=yes\r\n\r\n",
  );
  const [buffer, reader] = [new ReceiveBuffer(), new ReplyReader()];
  const replies = [...text].flatMap((byte) => {
    buffer.push(Uint8Array.of(byte));
    return reader.next(buffer) ?? [];
  });
  const [done, lines, native, refused, none, ...rest] = replies;
  assertEquals(rest, []);
  assert(done !== undefined && !(done instanceof PoolError) && done.code === 200);
  assertEquals(linesOf(lines), ["a", "b"]);
  assertEquals(native instanceof PoolError ? undefined : native?.json, { "pool-list": ["ä€"] });
  assert(refused instanceof PoolError);
  assertEquals([refused.code, refused.status, refused.message], ["unknown", 404, "no such"]);
  assertEquals(linesOf(none), []);
});

Deno.test("commonPrefix() does not split a surrogate pair", () => {
  assertEquals(commonPrefix(["abc", "abd", "ab"]), "ab");
  assertEquals(commonPrefix(["abc"]), "abc");
  assertEquals(commonPrefix([]), "");
  assertEquals(commonPrefix(["x", "y"]), "");
  assertEquals(commonPrefix(["a😀", "a😁"]), "a");
});

Deno.test("kindOf() maps write to exclusive, and read to shared", () => {
  assertEquals(["exclusive", "write"].map((it) => kindOf(it as "write")), [
    "exclusive",
    "exclusive",
  ]);
  assertEquals(["shared", "read"].map((it) => kindOf(it as "read")), ["shared", "shared"]);
});

Deno.test("anySignal() aborts with either signal, and release() detaches it", () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const first = anySignal([one.signal, undefined, two.signal]);
  const second = anySignal([one.signal, two.signal]);
  second.release();
  two.abort("why");
  assertEquals([first.signal.aborted, first.signal.reason], [true, "why"]);
  assertEquals(second.signal.aborted, false);
  assert(anySignal([two.signal]).signal.aborted);
});

Deno.test("unlessAborted() and sleep() end when their signal aborts", async () => {
  const signal = AbortSignal.abort();
  assertEquals(await unlessAborted(new Promise<number>(() => {}), signal), undefined);
  assertEquals(await unlessAborted(Promise.resolve(7), undefined), 7);
  await sleep(1_000_000, signal);
  const controller = new AbortController();
  const slept = sleep(1_000_000, controller.signal);
  controller.abort();
  await slept;
});
