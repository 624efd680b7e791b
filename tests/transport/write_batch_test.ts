/** Writes within a round of the reactor: when they are sent, and in which order. */
import { WriteBatch } from "../../lib/transport/epoll/write_batch.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assertEquals } from "../support/assert.ts";

/** Returns a batch whose streams write to one log, which shows the order of all writes. */
function fixture(): {
  batch: WriteBatch;
  sent: string[];
  write: (stream: string, text: string) => void;
} {
  const batch = new WriteBatch();
  const sent: string[] = [];
  const write = (stream: string, text: string) => {
    const flushBatched = (bytes: Uint8Array) => void sent.push(`${stream} ${textOf(bytes)}`);
    const bytes = bytesOf(text);
    if (batch.add(bytes, { flushBatched })) return void bytes.fill(0); // a copy was taken
    batch.flush();
    flushBatched(bytes);
  };
  return { batch, sent, write };
}

Deno.test("short replies of a round are sent at its end, in order", () => {
  const { batch, sent, write } = fixture();
  batch.begin();
  for (const text of ["one", "two", "three"]) write("a", text);
  write("b", "four");
  assertEquals(sent, []);
  batch.end();
  assertEquals(sent, ["a one", "a two", "a three", "b four"]);
  write("a", "between rounds");
  assertEquals(sent.at(-1), "a between rounds");
  batch.begin();
  batch.end();
  assertEquals(sent.length, 5);
});

Deno.test("a long reply is sent at once, after the replies before it", () => {
  const { batch, sent, write } = fixture();
  const long = "x".repeat(100_000);
  batch.begin();
  write("a", "one");
  write("a", long);
  write("a", "two");
  assertEquals(sent, ["a one", `a ${long}`]);
  batch.end();
  assertEquals(sent.at(-1), "a two");
});

Deno.test("replies that are added during a flush are sent by the same flush, however many", () => {
  const batch = new WriteBatch();
  const sent: string[] = [];
  const flushBatched = (bytes: Uint8Array) => void sent.push(textOf(bytes));
  const writesMore = {
    flushBatched: (bytes: Uint8Array) => {
      flushBatched(bytes);
      const more = Array.from({ length: 100 }, (_, i) => `${i}`.repeat(1000));
      for (const text of more) {
        assertEquals(batch.add(bytesOf(text), { flushBatched: flushBatched }), true);
      }
      batch.flush(); // a flush is in progress
    },
  };
  batch.begin();
  batch.add(bytesOf("first"), writesMore);
  batch.add(bytesOf("second"), { flushBatched: flushBatched });
  batch.end();
  assertEquals(sent.slice(0, 3), ["first", "second", "0".repeat(1000)]);
  assertEquals(sent.length, 102);
  assertEquals(sent.at(-1), "99".repeat(1000));
});

Deno.test("replies beyond the batch's room are sent before the end of the round, in order", () => {
  const { batch, sent, write } = fixture();
  for (let round = 0; round < 3; round++) {
    batch.begin();
    for (let i = 0; i < 1000; i++) write("a", `${round} ${i} `.padEnd(900, "."));
    batch.end();
  }
  assertEquals(sent.length, 3000);
  const order = sent.map((text) => text.split(" ").slice(1, 3).map(Number));
  assertEquals(order.map(([round, i]) => 1000 * round! + i!), [...Array(3000).keys()]);
});
