/** A deadline is about the peer's silence, not about what keeps us from hearing it. */
import { assert, assertMatch } from "../support/assert.ts";
import { HandService } from "../support/hand_service.ts";

Deno.test("what has come counts before it is read, as after a pause of the program; once", async () => {
  const hand = new HandService();
  const one = hand.connect();
  one.say("deadline 10\nacquire a\n");
  let isUnread = true;
  one.hasUnread = () => isUnread;
  hand.clock.nowMs += 10_000;
  assert(!one.isClosed);
  one.say("\n");
  hand.clock.nowMs += 9_999;
  assert(!one.isClosed);
  hand.clock.nowMs += 1; // again, and this time it is never read
  assert(!one.isClosed);
  hand.clock.nowMs += 9_999;
  assert(!one.isClosed);
  hand.clock.nowMs += 1;
  await hand.ended[0];
  assertMatch(await hand.ask("acquire a"), / previous=lost /);
  isUnread = false;
  const two = hand.connect();
  two.say("deadline 10\n");
  hand.clock.nowMs += 10_000;
  assert(two.isClosed);
});

Deno.test("who takes a long reply, piece by piece, is no silent one; who does not is", async () => {
  const piece = `${"x".repeat(70_000)}\n`;
  const run = (): string[] => Array(20).fill(piece);
  const hand = new HandService({ usage: "long", summary: "Tells very much.", run });
  const one = hand.connect();
  one.say("deadline 10\nacquire a\n");
  one.heard();
  one.stopReading();
  const said = one.say("long\n");
  for (let line = 1; line <= 10; line++) {
    await one.untilLines(line);
    hand.clock.nowMs += 9_999;
    assert(!one.isClosed);
    one.readOn();
    one.stopReading();
    await one.untilLines(line + 1);
  }
  hand.clock.nowMs += 10_000;
  assert(one.isClosed);
  one.readOn();
  await said;
  await hand.ended[0];
  assertMatch(await hand.ask("acquire a"), / previous=lost /);
});
