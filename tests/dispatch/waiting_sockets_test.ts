/** Waiting over real sockets: ends while a request waits, what is said meanwhile, watchers who do not read. */
import { bytesOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { type InnerServer, startInner } from "../support/server.ts";
import { type Talker, type TransportName, TRANSPORTS } from "../support/talkers.ts";

const KINDS: [title: string, transport: TransportName, around: { withoutEpoll?: boolean }][] = [
  ["tcp", "tcp", {}],
  ["unix", "unix", {}],
  ["websocket", "websocket", {}],
  ["tcp without epoll", "tcp", { withoutEpoll: true }],
  ["unix without epoll", "unix", { withoutEpoll: true }],
  ["websocket without epoll", "websocket", { withoutEpoll: true }],
];

async function greeted(server: InnerServer, transport: TransportName): Promise<Talker> {
  const talker = await TRANSPORTS[transport](server, "glockd");
  await talker.say("hello");
  assertMatch(await talker.hear(), /^1 hello /);
  return talker;
}

async function ask(talker: Talker, line: string): Promise<string> {
  await talker.say(line);
  return await talker.hear();
}

for (const [title, transport, around] of KINDS) {
  Deno.test(`who leaves while waiting over ${title} makes room for the next one`, async () => {
    await using server = await startInner([], around);
    const talkers = [];
    for (let i = 0; i < 3; i++) talkers.push(await greeted(server, transport));
    const [holder, leaver, next] = talkers as [Talker, Talker, Talker];
    assertMatch(await ask(holder, "acquire a"), /^1 acquired /);
    await leaver.say("acquire a wait=forever");
    await server.events.untilTold(`${leaver.address} waits for `, 1);
    await leaver.say("g x");
    await next.say("acquire a wait=forever");
    await server.events.untilTold(`${next.address} waits for `, 1);
    assertEquals(await leaver.leave(), []); // a half-close, where there is such a thing
    await server.events.until(`${leaver.address} disconnected`);
    assertEquals(await ask(holder, "release a"), "1 released count=1");
    assertMatch(await next.hear(), /^1 acquired .* previous=released /);
    assertMatch(await ask(next, "i x"), /^0 Lock Not Locked: x/);
    await holder.leave();
    await next.leave();
  });

  Deno.test(`what is said while waiting over ${title} is answered in order, bye ends it`, async () => {
    await using server = await startInner([], around);
    const [holder, waiter] = [await greeted(server, transport), await greeted(server, transport)];
    assertMatch(await ask(holder, "acquire a"), /^1 acquired /);
    await waiter.say("acquire a wait=forever");
    await server.events.untilTold(`${waiter.address} waits for `, 1);
    for (let i = 0; i < 100; i++) await waiter.say(`g ${i}`);
    await waiter.say("bye");
    assertEquals(await ask(holder, "release a"), "1 released count=1");
    assertMatch(await waiter.hear(), /^1 acquired /);
    for (let i = 0; i < 100; i++) assertEquals(await waiter.hear(), `1 Lock Get Success: ${i}`);
    assertEquals(await waiter.hear(), "1 bye");
    await waiter.left();
    await server.events.until(`${waiter.address} disconnected`);
    assertMatch(await ask(holder, "acquire a"), /^1 acquired .* previous=closed /);
    await holder.leave();
    await waiter.leave();
  });
}

for (const around of [{}, { withoutEpoll: true }]) {
  Deno.test(`who watches and does not read is told what is lost, ${JSON.stringify(around)}`, async () => {
    await using server = await startInner([], around);
    const busy = await greeted(server, "tcp");
    const conn = await Deno.connect({ transport: "unix", path: server.unix });
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(64 * 1024);
    await conn.write(bytesOf("hello\nwatch w\n"));
    let text = "";
    const readMore = async () => {
      const count = await conn.read(buffer);
      assert(count !== null);
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
    };
    while (!text.includes("1 watching\n")) await readMore();
    text = "";
    // Far more than the system and the server keep for it together.
    const rounds = 8000;
    for (let i = 0; i < rounds; i += 100) {
      await busy.say(Array.from({ length: 100 }, (_, j) => `g w${i + j}`).join("\n"));
      for (let left = 100; left > 0; left--) assertMatch(await busy.hear(), /^1 /);
    }
    let [told, lost] = [0, 0];
    while (told + lost < rounds) {
      await readMore();
      const lines = text.split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith("* event ")) told++;
        else lost += Number(/^\* lost count=(\d+)$/.exec(line)![1]);
      }
    }
    assertEquals([told + lost, text], [rounds, ""]);
    assert(lost > 0, "nothing was lost: the system keeps more than this test thinks");
    assertMatch(await ask(busy, "g w"), /^1 /);
    while (!text.endsWith("\n")) await readMore();
    assertMatch(text, /^\* event json=\{"event":"acquire"\\c"name":"w"/);
    conn.close();
    await busy.leave();
  });
}
