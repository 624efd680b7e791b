/** Where events come between replies, and what becomes of those that nobody reads: played by hand. */
import { readLine, valueOf } from "../../lib/wire/extended.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import type { HandConnection } from "../support/hand_connection.ts";
import { HandService } from "../support/hand_service.ts";

/** Enough for many pieces of a listing. */
const LOCKS = 3000;

/** The names of the events in lines, in order; and how many were lost. */
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

function crowdOf(hand: HandService): HandConnection {
  const crowd = hand.connect();
  for (let i = 0; i < LOCKS; i++) crowd.say(`g crowd ${i}\nsg crowd ${i}\n`);
  crowd.heard();
  return crowd;
}

/** Whatever the runtime has put off is done. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

for (
  const [command, head, last] of [
    ["dump", "map[", /^map\[.*\]$/],
    ["dump shared", "map[", /^map\[.*\]$/],
    ["d", "crowd ", /^crowd .*$/],
    ["list", "1 listed", /^1 listed json=\[.*\]$/],
  ] as const
) {
  Deno.test(`no event comes into the middle of ${command}`, async () => {
    const hand = new HandService();
    crowdOf(hand);
    const [watcher, busy] = [hand.connect(), hand.connect()];
    watcher.say("watch w\n");
    watcher.heard();
    let done = false;
    watcher.stopReading(); // each piece waits for its turn
    const over = watcher.say(`${command}\n`)!.then(() => done = true);
    let told = 0;
    while (!done) {
      busy.say(`g w${told++}\n`);
      watcher.readOn();
      watcher.stopReading();
      await turn();
    }
    await over;
    watcher.readOn();
    busy.say(`g w${told++}\n`);
    await turn();
    const lines = watcher.heard().split("\n").slice(0, -1);
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
    assertEquals(names, Array.from({ length: told }, (_, i) => `w${i}`));
    assertEquals(lost, 0);
  });
}

Deno.test("events are messages of their own while the peer is in the middle of one", async () => {
  const hand = new HandService();
  const [watcher, busy] = [hand.connect(), hand.connect()];
  watcher.say("watch\n", "end");
  assertEquals(watcher.heard(), "1 watching\n|");
  watcher.say("ping\n", "open");
  busy.say("g one\n");
  await turn();
  busy.say("g two\n");
  await turn();
  watcher.say("version\n", "end");
  await turn();
  const messages = watcher.heard().split("|").slice(0, -1);
  const [replies, events] = [true, false].map((isReply) =>
    messages.filter((message) => message.startsWith("1 ") === isReply)
  );
  assertEquals(replies!.length, 1);
  assertMatch(replies![0]!, /^1 pong\n1 version .*\n$/);
  const lines = events!.flatMap((message) => message.split("\n").slice(0, -1));
  assertEquals(eventsOf(lines).names, ["one", "two"]);
});

Deno.test("no event comes into the middle of a message of which some has been sent", async () => {
  const hand = new HandService();
  crowdOf(hand);
  const [watcher, busy] = [hand.connect(), hand.connect()];
  watcher.say("watch w\n", "end");
  watcher.heard();
  await watcher.say("list\n", "open");
  await turn();
  busy.say("g w1\n");
  await turn();
  assert(!watcher.said.includes("* event"));
  watcher.say("ping\n", "end");
  await turn();
  const [reply, events, rest] = watcher.heard().split("|");
  assertMatch(reply!, /^1 listed .*\n1 pong\n$/);
  assertEquals(eventsOf(events!.split("\n").slice(0, -1)).names, ["w1"]);
  assertEquals(rest, "");
});

Deno.test("events come while a request waits, in the order of what happened", async () => {
  const hand = new HandService();
  const [holder, watcher] = [hand.holderOf("a"), hand.connect()];
  watcher.say("watch a\nacquire a wait=forever\n");
  await turn();
  const eventOf = (line: string) => /"event":"(\w+)"/.exec(line)?.[1] ?? line.slice(0, 10);
  assertEquals(watcher.heard().split("\n").map(eventOf), ["1 watching", "wait", ""]);
  holder.say("release a\n");
  await turn();
  const lines = watcher.heard().split("\n").slice(0, -1).map(eventOf);
  assertEquals(lines.filter((line) => line !== "1 acquired"), ["release", "acquire"]);
  assertEquals(lines.length, 3);
});

Deno.test("who does not read is told how many events it has missed, and nothing piles up", async () => {
  const hand = new HandService();
  const [watcher, busy] = [hand.connect(), hand.connect()];
  watcher.say("watch\n");
  watcher.heard();
  const texts: string[] = [];
  let told = 0;
  const make = (count: number) => {
    for (const end = told + count; told < end; told++) busy.say(`g ${told}\n`);
  };
  for (let round = 0; round < 3; round++) {
    watcher.stopReading();
    make(1);
    await turn(); // this one is on its way
    make(9999);
    await turn();
    watcher.readOn();
    await turn();
    await turn();
    texts.push(watcher.heard());
    make(3);
    await turn();
    texts.push(watcher.heard());
  }
  const lines = texts.join("").split("\n").slice(0, -1);
  const { names, lost } = eventsOf(lines);
  assertEquals(names.length + lost, told);
  assert(lost > 0 && names.length > 3 * 1000);
  assert(watcher.longest < 300 * 1024, `${watcher.longest}`);
  // In order, and what is missing is missing where it is told.
  let next = 0;
  for (const text of lines) {
    const { names: [name], lost } = eventsOf([text]);
    if (name !== undefined) assertEquals(Number(name), next);
    next += name === undefined ? lost : 1;
  }
});

Deno.test("another watch replaces the first, unwatch and the end of a connection end it", async () => {
  const hand = new HandService();
  const [watcher, leaver, busy] = [hand.connect(), hand.connect(), hand.connect()];
  leaver.say("watch\n");
  watcher.say("watch a\nwatch b\n");
  busy.say("g a\ng b\ng bb\n");
  await turn();
  assertEquals(eventsOf(watcher.heard().split("\n").slice(2, -1)).names, ["b", "bb"]);
  leaver.halfClose();
  watcher.say("unwatch\n");
  leaver.heard();
  busy.say("r a\nr b\n");
  await turn();
  assertEquals([watcher.heard(), leaver.heard()], ["1 unwatched\n", ""]);
});
