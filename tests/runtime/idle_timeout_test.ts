/** The idle timeout counts bytes that arrived, even before the server reads them. */
import { assert, assertMatch } from "../support/assert.ts";
import { HandService } from "../support/hand_service.ts";

Deno.test("unread bytes extend the timeout once, as after a suspension of the program", async () => {
  const hand = new HandService();
  const one = hand.connect();
  one.send("deadline 10\nacquire a\n");
  let isUnread = true;
  one.hasUnread = () => isUnread;
  hand.clock.nowMs += 10_000;
  assert(!one.isClosed);
  one.send("\n");
  hand.clock.nowMs += 9_999;
  assert(!one.isClosed);
  hand.clock.nowMs += 1; // unread bytes again, which are never read
  assert(!one.isClosed);
  hand.clock.nowMs += 9_999;
  assert(!one.isClosed);
  hand.clock.nowMs += 1;
  await hand.ended[0];
  assertMatch(await hand.ask("acquire a"), / previous=lost /);
  isUnread = false;
  const two = hand.connect();
  two.send("deadline 10\n");
  hand.clock.nowMs += 10_000;
  assert(two.isClosed);
});

Deno.test("a peer that reads a long reply is not idle; a peer that stops reading is", async () => {
  const piece = `${"x".repeat(70_000)}\n`;
  const run = (): string[] => Array(20).fill(piece);
  const hand = new HandService({ usage: "long", summary: "Sends a long reply.", run });
  const one = hand.connect();
  one.send("deadline 10\nacquire a\n");
  one.takeReplies();
  one.stopReading();
  const sending = one.send("long\n");
  for (let line = 1; line <= 10; line++) {
    await one.untilLines(line);
    hand.clock.nowMs += 9_999;
    assert(!one.isClosed);
    one.resumeReading();
    one.stopReading();
    await one.untilLines(line + 1);
  }
  hand.clock.nowMs += 10_000;
  assert(one.isClosed);
  one.resumeReading();
  await sending;
  await hand.ended[0];
  assertMatch(await hand.ask("acquire a"), / previous=lost /);
});
