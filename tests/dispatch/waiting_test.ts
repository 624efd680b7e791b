/** What becomes of a conversation while one of its requests waits: played by hand, without sockets. */
import { log } from "../../lib/log.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { HandService } from "../support/hand_service.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

/** Replies without what differs from run to run. */
function plain(text: string): string {
  return text.replace(/(token|waited|since)=\d+/g, "$1=N").replaceAll("\r", "");
}

const GRANT = "1 acquired token=N count=1 waited=N previous=released previous-holder=H\n";

/** What is said, and what comes of it if two others give back "a" and "b" meanwhile. */
const SAID =
  "g x\nacquire a wait=forever\nping\nsg y\n\nacquire b wait=99999\nacquire b x\nr x\nno such\n";
const HEARD = "1 Lock Get Success: x\n" + GRANT + "1 pong\n1 Shared Lock Get Success: y\n" + GRANT +
  "1 acquired token=N count=1,1 waited=N previous=released,none previous-holder=H,\n" +
  "1 Lock Release Success: x\n0 error message=M\n";

function normal(text: string): string {
  return plain(text).replace(/previous-holder=[^,\n]+/g, "previous-holder=H")
    .replace(/message=.*/g, "message=M");
}

for (const seed of someSeeds()) {
  Deno.test(`what is said meanwhile is run in order, however it is cut, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    for (let left = 300; left > 0; left--) {
      const hand = new HandService();
      const [holder, waiter] = [hand.holderOf("a", "b"), hand.connect()];
      const releases = ["a", "b"].map((name) => ({ at: below(random, SAID.length + 1), name }));
      for (let at = 0; at < SAID.length;) {
        for (const it of releases) if (it.at <= at) holder.say(`release ${it.name}\n`);
        const end = at + 1 + below(random, pick(random, [1, 5, 40]));
        await waiter.say(SAID.slice(at, end));
        if (random() < 0.3) await Promise.resolve();
        at = end;
      }
      holder.say("r a\nr b\n");
      await waiter.untilLines(HEARD.split("\n").length - 1);
      assertEquals(normal(waiter.heard()), HEARD, `seed ${seed}`);
    }
  });

  Deno.test(`each message is answered by one, however it is cut, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    const [first, second, third] = [SAID.slice(0, 37), SAID.slice(37), "ping\n"];
    for (let left = 300; left > 0; left--) {
      const hand = new HandService();
      const [holder, waiter] = [hand.holderOf("a", "b"), hand.connect()];
      const releaseAt = below(random, SAID.length);
      let isReleased = false;
      let said = 0;
      for (const message of [first, second, third]) {
        for (let at = 0; at < message.length;) {
          if (!isReleased && said + at >= releaseAt) {
            isReleased = true;
            holder.say("release a b\n");
          }
          const end = at + 1 + below(random, pick(random, [1, 5, 40]));
          await waiter.say(message.slice(at, end), end < message.length ? "open" : "end");
          at = end;
        }
        said += message.length;
      }
      if (!isReleased) holder.say("release a b\n");
      await waiter.untilLines(HEARD.split("\n").length);
      const [one, two, three, rest] = normal(waiter.heard()).split("|");
      assertEquals([`${one}${two}`, three, rest], [HEARD, "1 pong\n", ""], `seed ${seed}`);
      assertEquals(one!.split("\n").length, 5, `seed ${seed}`);
    }
  });
}

Deno.test("a blank fragment ends its message, also while a request of it waits", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.say("acquire a wait=forever\n", "open");
  waiter.say("\n", "end");
  holder.say("release a\n");
  await waiter.untilLines(1);
  assertMatch(waiter.heard(), /^1 acquired .*\n\|$/);
});

Deno.test("who ends its side while a request waits, waits no more and runs nothing more", async () => {
  const hand = new HandService();
  const [holder, waiter, next] = [hand.holderOf("a"), hand.connect(), hand.connect()];
  waiter.say("acquire a wait=forever\ng x\n");
  waiter.say("g y\n");
  next.say("acquire a wait=forever\n");
  assertEquals(waiter.halfClose(), undefined);
  await hand.ended[1];
  holder.say("release a\n");
  assertEquals(waiter.heard(), "");
  assertMatch(next.heard(), /^1 acquired /);
  assertEquals(
    await hand.ask("i x") + await hand.ask("i y"),
    "0 Lock Not Locked: x\r\n0 Lock Not Locked: y\r\n",
  );
});

Deno.test("who has ended its side already hears what was said before it would have to wait", async () => {
  const hand = new HandService();
  const [, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.closeReason = () => "closed";
  waiter.say("g x\nping\nacquire a wait=forever\ng y\n");
  await hand.ended[1];
  assertEquals(plain(waiter.heard()), "1 Lock Get Success: x\n1 pong\n");
  assert(!(await hand.ask("describe a")).includes("priority"));
  assertEquals(await hand.ask("i y"), "0 Lock Not Locked: y\r\n");
});

Deno.test("who ends its side while the rest is run, is answered to the end", async () => {
  const gate = Promise.withResolvers<string>();
  const hand = new HandService({ usage: "slow", summary: "Waits.", run: () => gate.promise });
  const [holder, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.say("acquire a wait=forever\nslow\n");
  waiter.say("ping\n");
  holder.say("release a\n");
  await waiter.untilLines(1);
  const over = waiter.halfClose();
  assert(over instanceof Promise);
  gate.resolve("done\n");
  await over;
  assertMatch(waiter.heard(), /^1 acquired .*\ndone\n1 pong\n$/);
  await hand.ended[1];
  assert(waiter.isClosed);
});

Deno.test("a second wait behind the end of the input waits for nothing", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.holderOf("a", "b"), hand.connect()];
  waiter.say("acquire a wait=forever\nacquire b wait=forever\ng x\n");
  holder.say("release a\n");
  await waiter.halfClose();
  await hand.ended[1];
  assertMatch(waiter.heard(), /^1 acquired .*\n$/);
  assertEquals(await hand.ask("describe a"), "0 unlocked\n");
  assertEquals(await hand.ask("i x"), "0 Lock Not Locked: x\r\n");
});

Deno.test("who says too much meanwhile has to wait, and goes on afterwards", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.say("acquire a wait=forever\n");
  let room: Promise<void> | undefined;
  let pings = 0;
  // All different: what comes again and again is only counted.
  for (; room === undefined; pings += 100) room = waiter.say("ping\n".repeat(99) + `si ${pings}\n`);
  assert(pings * 5 > 48 * 1024 && pings * 5 <= 65 * 1024, `${pings}`);
  let isRoom = false;
  room.then(() => isRoom = true);
  await Promise.resolve();
  assertEquals(isRoom, false);
  holder.say("release a\n");
  await room;
  await waiter.untilLines(1 + pings);
  const replies = waiter.heard().split("\n").slice(1);
  assertEquals(replies.filter((it) => it === "1 pong").length, 0.99 * pings);
  assertEquals(
    replies.filter((it) => it.startsWith("0 Shared")).map((it) => Number(/\d+\r?$/.exec(it)![0])),
    Array.from({ length: pings / 100 }, (_, i) => 100 * i),
  );
  waiter.say("ping\n");
  assertEquals(waiter.heard(), "1 pong\n");
});

Deno.test("small pieces count for more than their bytes", () => {
  const hand = new HandService();
  const [, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.say("acquire a wait=forever\n");
  let pieces = 0;
  while (waiter.say(pieces % 2 === 0 ? "x" : "y") === undefined) pieces++;
  assert(pieces <= 2000, `${pieces}`);
});

Deno.test("pings meanwhile are counted, and all are answered", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.say("acquire a wait=forever\n");
  for (let left = 5000; left > 0; left--) assertEquals(waiter.say("ping\n"), undefined);
  holder.say("release a\n");
  await waiter.untilLines(5001);
  assertEquals(waiter.heard().split("\n").slice(1), [...Array(5000).fill("1 pong"), ""]);
});

Deno.test("blank lines meanwhile are a sign of life and nothing else, for days", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.say("acquire a wait=forever\n");
  for (let left = 100_000; left > 0; left--) {
    assertEquals(waiter.say(pick(Math.random, ["\n", "\r\n", "\n\n"])), undefined);
  }
  waiter.say("pin");
  waiter.say("g\n"); // no blank line begins in the middle of another
  waiter.say("\n");
  holder.say("release a\n");
  await waiter.untilLines(2);
  assertMatch(waiter.heard(), /^1 acquired .*\n1 pong\n$/);
});

Deno.test("bye in what was said meanwhile ends the connection, and nothing behind it is run", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.say("acquire a wait=forever grace=9999\nbye\ng x\n");
  waiter.say("g y\n");
  holder.say("release a\n");
  await hand.ended[1];
  assertMatch(waiter.heard(), /^1 acquired .*\n1 bye\n$/);
  assert(waiter.isClosed);
  for (const name of ["a", "x", "y"]) {
    assertEquals(await hand.ask(`describe ${name}`), "0 unlocked\n");
  }
});

Deno.test("nothing runs for who has gone: while waiting, and while the rest is run", async () => {
  const gate = Promise.withResolvers<string>();
  const hand = new HandService({ usage: "slow", summary: "Waits.", run: () => gate.promise });
  const [holder, one, two] = [hand.holderOf("a", "b"), hand.connect(), hand.connect()];
  one.say("acquire a wait=forever\ng x\n");
  two.say("acquire b wait=forever\nslow\ng y\n");
  one.breakOff();
  holder.say("release a b\n");
  await two.untilLines(1);
  two.breakOff();
  gate.resolve("done\n");
  await Promise.all(hand.ended.slice(1, 3));
  assertEquals(one.heard(), "");
  assertMatch(two.heard(), /^1 acquired .*\n(done\n)?$/);
  for (const name of ["a", "b", "x", "y"]) {
    assertEquals(await hand.ask(`describe ${name}`), "0 unlocked\n");
  }
});

for (
  const [how, run] of [
    ["throws", () => {
      throw new Error("oops");
    }],
    ["rejects", () => Promise.reject(new Error("oops"))],
  ] as const
) {
  Deno.test(`a command that ${how} in what was said meanwhile ends its session only`, async () => {
    const { error } = log;
    const errors: string[] = [];
    log.error = (line) => void errors.push(line);
    const hand = new HandService({ usage: "bug", summary: "Fails.", run });
    const [holder, waiter] = [hand.holderOf("a"), hand.connect()];
    waiter.say("acquire a wait=forever\nbug\ng x\n");
    holder.say("release a\n");
    await hand.ended[1];
    log.error = error;
    assertEquals(errors.length, 1);
    assertStringIncludes(errors[0]!, "oops");
    holder.say("acquire a\n");
    assertMatch(holder.heard(), /1 released count=1\n1 acquired .* previous=lost /);
    assertEquals(await hand.ask("i x"), "0 Lock Not Locked: x\r\n");
  });
}

Deno.test("whatever comes while a request waits is life for its deadline; silence is not", async () => {
  const hand = new HandService();
  const [, waiter] = [hand.holderOf("a"), hand.connect()];
  waiter.say("deadline 10\nacquire a wait=forever\n");
  for (const piece of ["\n", "pi", "n", "g\n", "\r\n"]) {
    hand.clock.nowMs += 9_999;
    waiter.say(piece);
  }
  hand.clock.nowMs += 9_999;
  assertStringIncludes(await hand.ask("describe a"), '"priority":0');
  hand.clock.nowMs += 1;
  await hand.ended[1];
  assert(waiter.isClosed);
  assertEquals(waiter.heard(), "1 deadline seconds=10\n");
  assert(!(await hand.ask("describe a")).includes("priority"));
});
