/** What is said in a round of the reactor: when it goes out, and in which order. */
import { WriteBatch } from "../../lib/transport/epoll/write_batch.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assertEquals } from "../support/assert.ts";

/** Streams that write to one log, so that the order of all that is sent shows. */
function world(): { outbox: WriteBatch; sent: string[]; say: (who: string, text: string) => void } {
  const outbox = new WriteBatch();
  const sent: string[] = [];
  const say = (who: string, text: string) => {
    const sendNow = (bytes: Uint8Array) => void sent.push(`${who} ${textOf(bytes)}`);
    const bytes = bytesOf(text);
    if (outbox.add(bytes, { sendNow })) return void bytes.fill(0); // a copy was taken
    outbox.flush();
    sendNow(bytes);
  };
  return { outbox, sent, say };
}

Deno.test("short replies of a round wait for its end, in their order", () => {
  const { outbox, sent, say } = world();
  outbox.begin();
  for (const text of ["one", "two", "three"]) say("a", text);
  say("b", "four");
  assertEquals(sent, []);
  outbox.end();
  assertEquals(sent, ["a one", "a two", "a three", "b four"]);
  say("a", "between rounds");
  assertEquals(sent.at(-1), "a between rounds");
  outbox.begin();
  outbox.end();
  assertEquals(sent.length, 5);
});

Deno.test("a long reply goes at once, behind what was said before", () => {
  const { outbox, sent, say } = world();
  const long = "x".repeat(100_000);
  outbox.begin();
  say("a", "one");
  say("a", long);
  say("a", "two");
  assertEquals(sent, ["a one", `a ${long}`]);
  outbox.end();
  assertEquals(sent.at(-1), "a two");
});

Deno.test("what is said while it is emptied, goes out in the same go, however much it is", () => {
  const outbox = new WriteBatch();
  const sent: string[] = [];
  const deliver = (bytes: Uint8Array) => void sent.push(textOf(bytes));
  const talkative = {
    sendNow: (bytes: Uint8Array) => {
      sendNow(bytes);
      const more = Array.from({ length: 100 }, (_, i) => `${i}`.repeat(1000));
      for (const text of more) assertEquals(outbox.add(bytesOf(text), { sendNow: deliver }), true);
      outbox.flush(); // it is being emptied already
    },
  };
  outbox.begin();
  outbox.add(bytesOf("first"), talkative);
  outbox.add(bytesOf("second"), { sendNow: deliver });
  outbox.end();
  assertEquals(sent.slice(0, 3), ["first", "second", "0".repeat(1000)]);
  assertEquals(sent.length, 102);
  assertEquals(sent.at(-1), "99".repeat(1000));
});

Deno.test("more replies than there is room for go out earlier, in their order", () => {
  const { outbox, sent, say } = world();
  for (let round = 0; round < 3; round++) {
    outbox.begin();
    for (let i = 0; i < 1000; i++) say("a", `${round} ${i} `.padEnd(900, "."));
    outbox.end();
  }
  assertEquals(sent.length, 3000);
  const order = sent.map((text) => text.split(" ").slice(1, 3).map(Number));
  assertEquals(order.map(([round, i]) => 1000 * round! + i!), [...Array(3000).keys()]);
});
