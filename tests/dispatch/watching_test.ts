/** Events between replies, and events that a peer does not read, without sockets. */
import { readLine, valueOf } from "../../lib/wire/extended.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import type { HandConnection } from "../support/hand_connection.ts";
import { HandService } from "../support/hand_service.ts";

/** Enough for a listing of many pieces. */
const LOCKS = 3000;

/** Returns the names of the events in lines, in order, and the number of lost events. */
function eventsOf(lines: readonly string[]): { names: string[]; lost: number } {
  const names: string[] = [];
  let lost = 0;
  for (const text of lines) {
    const line = readLine(text);
    assert(line?.kind === "*", text);
    if (line.word === "lost") lost += Number(valueOf(line, "count"));
    else names.push(JSON.parse(valueOf(line, "json")!).name);
  }
  return { names, lost };
}

/** Returns a connection that holds `LOCKS` locks of each kind. */
function holdMany(hand: HandService): HandConnection {
  const holder = hand.connect();
  for (let i = 0; i < LOCKS; i++) holder.send(`g holder ${i}\nsg holder ${i}\n`);
  holder.takeReplies();
  return holder;
}

/** Resolves when all pending callbacks have run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

for (
  const [command, head, last] of [
    ["dump", "map[", /^map\[.*\]$/],
    ["dump shared", "map[", /^map\[.*\]$/],
    ["d", "holder ", /^holder .*$/],
    ["list", "1 listed", /^1 listed json=\[.*\]$/],
  ] as const
) {
  Deno.test(`no event interrupts the reply to ${command}`, async () => {
    const hand = new HandService();
    holdMany(hand);
    const [watcher, busy] = [hand.connect(), hand.connect()];
    watcher.send("watch w\n");
    watcher.takeReplies();
    let done = false;
    watcher.stopReading(); // each write waits
    const sending = watcher.send(`${command}\n`)!.then(() => done = true);
    let sent = 0;
    while (!done) {
      busy.send(`g w${sent++}\n`);
      watcher.resumeReading();
      watcher.stopReading();
      await settle();
    }
    await sending;
    watcher.resumeReading();
    busy.send(`g w${sent++}\n`);
    await settle();
    const lines = watcher.takeReplies().split("\n").slice(0, -1);
    const isEvent = (line: string) => line.startsWith("* ");
    const [first, end] = [
      lines.findIndex((it) => !isEvent(it)),
      lines.findLastIndex((it) => !isEvent(it)),
    ];
    const reply = lines.slice(first, end + 1);
    assert(reply[0]!.startsWith(head), reply[0]!.slice(0, 80));
    for (const line of reply) assertMatch(line, last);
    assertEquals(reply.length, command === "d" ? LOCKS : 1);
    const { names, lost } = eventsOf(lines.filter(isEvent));
    assertEquals(names, Array.from({ length: sent }, (_, i) => `w${i}`));
    assertEquals(lost, 0);
  });
}

Deno.test("events are messages of their own while a message of the peer is incomplete", async () => {
  const hand = new HandService();
  const [watcher, busy] = [hand.connect(), hand.connect()];
  watcher.send("watch\n", "end");
  assertEquals(watcher.takeReplies(), "1 watching\n|");
  watcher.send("ping\n", "open");
  busy.send("g one\n");
  await settle();
  busy.send("g two\n");
  await settle();
  watcher.send("version\n", "end");
  await settle();
  const messages = watcher.takeReplies().split("|").slice(0, -1);
  const [replies, events] = [true, false].map((isReply) =>
    messages.filter((message) => message.startsWith("1 ") === isReply)
  );
  assertEquals(replies!.length, 1);
  assertMatch(replies![0]!, /^1 pong\n1 version .*\n$/);
  const lines = events!.flatMap((message) => message.split("\n").slice(0, -1));
  assertEquals(eventsOf(lines).names, ["one", "two"]);
});

Deno.test("no event interrupts a message of which a part was sent", async () => {
  const hand = new HandService();
  holdMany(hand);
  const [watcher, busy] = [hand.connect(), hand.connect()];
  watcher.send("watch w\n", "end");
  watcher.takeReplies();
  await watcher.send("list\n", "open");
  await settle();
  busy.send("g w1\n");
  await settle();
  assert(!watcher.written.includes("* event"));
  watcher.send("ping\n", "end");
  await settle();
  const [reply, events, rest] = watcher.takeReplies().split("|");
  assertMatch(reply!, /^1 listed .*\n1 pong\n$/);
  assertEquals(eventsOf(events!.split("\n").slice(0, -1)).names, ["w1"]);
  assertEquals(rest, "");
});

Deno.test("events are sent during a wait, in order", async () => {
  const hand = new HandService();
  const [holder, watcher] = [hand.connectHolder("a"), hand.connect()];
  watcher.send("watch a\nacquire a wait=forever\n");
  await settle();
  const eventOf = (line: string) => /"event":"(\w+)"/.exec(line)?.[1] ?? line.slice(0, 10);
  assertEquals(watcher.takeReplies().split("\n").map(eventOf), ["1 watching", "wait", ""]);
  holder.send("release a\n");
  await settle();
  const lines = watcher.takeReplies().split("\n").slice(0, -1).map(eventOf);
  assertEquals(lines.filter((line) => line !== "1 acquired"), ["release", "acquire"]);
  assertEquals(lines.length, 3);
});

Deno.test("a watcher that does not read learns how many events it missed, and the buffer is bounded", async () => {
  const hand = new HandService();
  const [watcher, busy] = [hand.connect(), hand.connect()];
  watcher.send("watch\n");
  watcher.takeReplies();
  const texts: string[] = [];
  let sent = 0;
  const make = (count: number) => {
    for (const end = sent + count; sent < end; sent++) busy.send(`g ${sent}\n`);
  };
  for (let round = 0; round < 3; round++) {
    watcher.stopReading();
    make(1);
    await settle(); // this event is being written
    make(9999);
    await settle();
    watcher.resumeReading();
    await settle();
    await settle();
    texts.push(watcher.takeReplies());
    make(3);
    await settle();
    texts.push(watcher.takeReplies());
  }
  const lines = texts.join("").split("\n").slice(0, -1);
  const { names, lost } = eventsOf(lines);
  assertEquals(names.length + lost, sent);
  assert(lost > 0 && names.length > 3 * 1000);
  assert(watcher.longestWrite < 300 * 1024, `${watcher.longestWrite}`);
  // The events are in order, and each gap is where its count says.
  let next = 0;
  for (const text of lines) {
    const { names: [name], lost } = eventsOf([text]);
    if (name !== undefined) assertEquals(Number(name), next);
    next += name === undefined ? lost : 1;
  }
});

Deno.test("a second watch replaces the first; unwatch and the end of the connection end it", async () => {
  const hand = new HandService();
  const [watcher, leaver, busy] = [hand.connect(), hand.connect(), hand.connect()];
  leaver.send("watch\n");
  watcher.send("watch a\nwatch b\n");
  busy.send("g a\ng b\ng bb\n");
  await settle();
  assertEquals(eventsOf(watcher.takeReplies().split("\n").slice(2, -1)).names, ["b", "bb"]);
  leaver.halfClose();
  watcher.send("unwatch\n");
  leaver.takeReplies();
  busy.send("r a\nr b\n");
  await settle();
  assertEquals([watcher.takeReplies(), leaver.takeReplies()], ["1 unwatched\n", ""]);
});
