/** A connection while one of its requests waits, without sockets. */
import { log } from "../../lib/log.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { HandService } from "../support/hand_service.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

/** Returns replies without the values that differ between runs. */
function plain(text: string): string {
  return text.replace(/(token|waited|since)=\d+/g, "$1=N").replaceAll("\r", "");
}

const GRANT = "1 acquired token=N count=1 waited=N previous=released previous-holder=H\n";

/** Requests, and their replies if another client releases "a" and "b" meanwhile. */
const REQUESTS =
  "g x\nacquire a wait=forever\nping\nsg y\n\nacquire b wait=99999\nacquire b x\nr x\nno such\n";
const REPLIES = "1 Lock Get Success: x\n" + GRANT + "1 pong\n1 Shared Lock Get Success: y\n" +
  GRANT +
  "1 acquired token=N count=1,1 waited=N previous=released,none previous-holder=H,\n" +
  "1 Lock Release Success: x\n0 error message=M\n";

function normal(text: string): string {
  return plain(text).replace(/previous-holder=[^,\n]+/g, "previous-holder=H")
    .replace(/message=.*/g, "message=M");
}

for (const seed of someSeeds()) {
  Deno.test(`requests sent during a wait run in order, however they are split, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    for (let remaining = 300; remaining > 0; remaining--) {
      const hand = new HandService();
      const [holder, waiter] = [hand.connectHolder("a", "b"), hand.connect()];
      const releases = ["a", "b"].map((name) => ({ at: below(random, REQUESTS.length + 1), name }));
      for (let at = 0; at < REQUESTS.length;) {
        for (const it of releases) if (it.at <= at) holder.send(`release ${it.name}\n`);
        const end = at + 1 + below(random, pick(random, [1, 5, 40]));
        await waiter.send(REQUESTS.slice(at, end));
        if (random() < 0.3) await Promise.resolve();
        at = end;
      }
      holder.send("r a\nr b\n");
      await waiter.untilLines(REPLIES.split("\n").length - 1);
      assertEquals(normal(waiter.takeReplies()), REPLIES, `seed ${seed}`);
    }
  });

  Deno.test(`each message is answered by one message, however it is split, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    const [first, second, third] = [REQUESTS.slice(0, 37), REQUESTS.slice(37), "ping\n"];
    for (let remaining = 300; remaining > 0; remaining--) {
      const hand = new HandService();
      const [holder, waiter] = [hand.connectHolder("a", "b"), hand.connect()];
      const releaseAt = below(random, REQUESTS.length);
      let isReleased = false;
      let offset = 0;
      for (const message of [first, second, third]) {
        for (let at = 0; at < message.length;) {
          if (!isReleased && offset + at >= releaseAt) {
            isReleased = true;
            holder.send("release a b\n");
          }
          const end = at + 1 + below(random, pick(random, [1, 5, 40]));
          await waiter.send(message.slice(at, end), end < message.length ? "open" : "end");
          at = end;
        }
        offset += message.length;
      }
      if (!isReleased) holder.send("release a b\n");
      await waiter.untilLines(REPLIES.split("\n").length);
      const [one, two, three, rest] = normal(waiter.takeReplies()).split("|");
      assertEquals([`${one}${two}`, three, rest], [REPLIES, "1 pong\n", ""], `seed ${seed}`);
      assertEquals(one!.split("\n").length, 5, `seed ${seed}`);
    }
  });
}

Deno.test("a blank fragment ends its message even while a request in it waits", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.send("acquire a wait=forever\n", "open");
  waiter.send("\n", "end");
  holder.send("release a\n");
  await waiter.untilLines(1);
  assertMatch(waiter.takeReplies(), /^1 acquired .*\n\|$/);
});

Deno.test("the end of the input ends a wait, and no request behind it runs", async () => {
  const hand = new HandService();
  const [holder, waiter, next] = [hand.connectHolder("a"), hand.connect(), hand.connect()];
  waiter.send("acquire a wait=forever\ng x\n");
  waiter.send("g y\n");
  next.send("acquire a wait=forever\n");
  assertEquals(waiter.halfClose(), undefined);
  await hand.ended[1];
  holder.send("release a\n");
  assertEquals(waiter.takeReplies(), "");
  assertMatch(next.takeReplies(), /^1 acquired /);
  assertEquals(
    await hand.ask("i x") + await hand.ask("i y"),
    "0 Lock Not Locked: x\r\n0 Lock Not Locked: y\r\n",
  );
});

Deno.test("replies before a wait are sent to a peer that has ended its input, which then does not wait", async () => {
  const hand = new HandService();
  const [, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.closeReason = () => "closed";
  waiter.send("g x\nping\nacquire a wait=forever\ng y\n");
  await hand.ended[1];
  assertEquals(plain(waiter.takeReplies()), "1 Lock Get Success: x\n1 pong\n");
  assert(!(await hand.ask("describe a")).includes("priority"));
  assertEquals(await hand.ask("i y"), "0 Lock Not Locked: y\r\n");
});

Deno.test("requests that run when the input ends are still answered", async () => {
  const gate = Promise.withResolvers<string>();
  const hand = new HandService({ usage: "slow", summary: "Waits.", run: () => gate.promise });
  const [holder, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.send("acquire a wait=forever\nslow\n");
  waiter.send("ping\n");
  holder.send("release a\n");
  await waiter.untilLines(1);
  const ending = waiter.halfClose();
  assert(ending instanceof Promise);
  gate.resolve("done\n");
  await ending;
  assertMatch(waiter.takeReplies(), /^1 acquired .*\ndone\n1 pong\n$/);
  await hand.ended[1];
  assert(waiter.isClosed);
});

Deno.test("a second wait ends at once when the input has ended", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.connectHolder("a", "b"), hand.connect()];
  waiter.send("acquire a wait=forever\nacquire b wait=forever\ng x\n");
  holder.send("release a\n");
  await waiter.halfClose();
  await hand.ended[1];
  assertMatch(waiter.takeReplies(), /^1 acquired .*\n$/);
  assertEquals(await hand.ask("describe a"), "0 unlocked\n");
  assertEquals(await hand.ask("i x"), "0 Lock Not Locked: x\r\n");
});

Deno.test("a full read-ahead buffer stops reading until the wait is over", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.send("acquire a wait=forever\n");
  let space: Promise<void> | undefined;
  let pings = 0;
  // All chunks differ, because equal chunks are only counted.
  for (; space === undefined; pings += 100) {
    space = waiter.send("ping\n".repeat(99) + `si ${pings}\n`);
  }
  assert(pings * 5 > 48 * 1024 && pings * 5 <= 65 * 1024, `${pings}`);
  let hasSpace = false;
  space.then(() => hasSpace = true);
  await Promise.resolve();
  assertEquals(hasSpace, false);
  holder.send("release a\n");
  await space;
  await waiter.untilLines(1 + pings);
  const replies = waiter.takeReplies().split("\n").slice(1);
  assertEquals(replies.filter((it) => it === "1 pong").length, 0.99 * pings);
  assertEquals(
    replies.filter((it) => it.startsWith("0 Shared")).map((it) => Number(/\d+\r?$/.exec(it)![0])),
    Array.from({ length: pings / 100 }, (_, i) => 100 * i),
  );
  waiter.send("ping\n");
  assertEquals(waiter.takeReplies(), "1 pong\n");
});

Deno.test("small chunks count for more than their bytes", () => {
  const hand = new HandService();
  const [, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.send("acquire a wait=forever\n");
  let pieces = 0;
  while (waiter.send(pieces % 2 === 0 ? "x" : "y") === undefined) pieces++;
  assert(pieces <= 2000, `${pieces}`);
});

Deno.test("equal pings during a wait take no space, and all are answered", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.send("acquire a wait=forever\n");
  for (let remaining = 5000; remaining > 0; remaining--) {
    assertEquals(waiter.send("ping\n"), undefined);
  }
  holder.send("release a\n");
  await waiter.untilLines(5001);
  assertEquals(waiter.takeReplies().split("\n").slice(1), [...Array(5000).fill("1 pong"), ""]);
});

Deno.test("blank lines during a wait take no space", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.send("acquire a wait=forever\n");
  for (let remaining = 100_000; remaining > 0; remaining--) {
    assertEquals(waiter.send(pick(Math.random, ["\n", "\r\n", "\n\n"])), undefined);
  }
  waiter.send("pin");
  waiter.send("g\n"); // the end of a line is not a blank line
  waiter.send("\n");
  holder.send("release a\n");
  await waiter.untilLines(2);
  assertMatch(waiter.takeReplies(), /^1 acquired .*\n1 pong\n$/);
});

Deno.test("bye in the read-ahead closes the connection, and no request behind it runs", async () => {
  const hand = new HandService();
  const [holder, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.send("acquire a wait=forever grace=9999\nbye\ng x\n");
  waiter.send("g y\n");
  holder.send("release a\n");
  await hand.ended[1];
  assertMatch(waiter.takeReplies(), /^1 acquired .*\n1 bye\n$/);
  assert(waiter.isClosed);
  for (const name of ["a", "x", "y"]) {
    assertEquals(await hand.ask(`describe ${name}`), "0 unlocked\n");
  }
});

Deno.test("nothing runs after a disconnect, during a wait or while the read-ahead runs", async () => {
  const gate = Promise.withResolvers<string>();
  const hand = new HandService({ usage: "slow", summary: "Waits.", run: () => gate.promise });
  const [holder, one, two] = [hand.connectHolder("a", "b"), hand.connect(), hand.connect()];
  one.send("acquire a wait=forever\ng x\n");
  two.send("acquire b wait=forever\nslow\ng y\n");
  one.reset();
  holder.send("release a b\n");
  await two.untilLines(1);
  two.reset();
  gate.resolve("done\n");
  await Promise.all(hand.ended.slice(1, 3));
  assertEquals(one.takeReplies(), "");
  assertMatch(two.takeReplies(), /^1 acquired .*\n(done\n)?$/);
  for (const name of ["a", "b", "x", "y"]) {
    assertEquals(await hand.ask(`describe ${name}`), "0 unlocked\n");
  }
});

for (
  const [failure, run] of [
    ["throws", () => {
      throw new Error("oops");
    }],
    ["rejects", () => Promise.reject(new Error("oops"))],
  ] as const
) {
  Deno.test(`a command in the read-ahead that ${failure} ends only its session`, async () => {
    const { error } = log;
    const errors: string[] = [];
    log.error = (line) => void errors.push(line);
    const hand = new HandService({ usage: "bug", summary: "Fails.", run });
    const [holder, waiter] = [hand.connectHolder("a"), hand.connect()];
    waiter.send("acquire a wait=forever\nbug\ng x\n");
    holder.send("release a\n");
    await hand.ended[1];
    log.error = error;
    assertEquals(errors.length, 1);
    assertStringIncludes(errors[0]!, "oops");
    holder.send("acquire a\n");
    assertMatch(holder.takeReplies(), /1 released count=1\n1 acquired .* previous=lost /);
    assertEquals(await hand.ask("i x"), "0 Lock Not Locked: x\r\n");
  });
}

Deno.test("bytes that arrive during a wait reset the deadline", async () => {
  const hand = new HandService();
  const [, waiter] = [hand.connectHolder("a"), hand.connect()];
  waiter.send("deadline 10\nacquire a wait=forever\n");
  for (const piece of ["\n", "pi", "n", "g\n", "\r\n"]) {
    hand.clock.nowMs += 9_999;
    waiter.send(piece);
  }
  hand.clock.nowMs += 9_999;
  assertStringIncludes(await hand.ask("describe a"), '"priority":0');
  hand.clock.nowMs += 1;
  await hand.ended[1];
  assert(waiter.isClosed);
  assertEquals(waiter.takeReplies(), "1 deadline seconds=10\n");
  assert(!(await hand.ask("describe a")).includes("priority"));
});
