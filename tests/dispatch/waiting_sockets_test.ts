/** Waiting over sockets: disconnects and requests during a wait, and watchers that do not read. */
import { bytesOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { type InnerServer, startInner } from "../support/server.ts";
import {
  type TransportClient,
  type TransportName,
  TRANSPORTS,
} from "../support/transport_clients.ts";

const KINDS: [title: string, transport: TransportName, overrides: { withoutEpoll?: boolean }][] = [
  ["tcp", "tcp", {}],
  ["unix", "unix", {}],
  ["websocket", "websocket", {}],
  ["tcp without epoll", "tcp", { withoutEpoll: true }],
  ["unix without epoll", "unix", { withoutEpoll: true }],
  ["websocket without epoll", "websocket", { withoutEpoll: true }],
];

async function greeted(server: InnerServer, transport: TransportName): Promise<TransportClient> {
  const client = await TRANSPORTS[transport](server, "glockd");
  await client.send("hello");
  assertMatch(await client.receive(), /^1 hello /);
  return client;
}

async function ask(client: TransportClient, line: string): Promise<string> {
  await client.send(line);
  return await client.receive();
}

for (const [title, transport, overrides] of KINDS) {
  Deno.test(`a waiter that disconnects over ${title} does not block the next waiter`, async () => {
    await using server = await startInner([], overrides);
    const clients = [];
    for (let i = 0; i < 3; i++) clients.push(await greeted(server, transport));
    const [holder, leaver, next] = clients as [TransportClient, TransportClient, TransportClient];
    assertMatch(await ask(holder, "acquire a"), /^1 acquired /);
    await leaver.send("acquire a wait=forever");
    await server.events.untilCount(`${leaver.address} waits for `, 1);
    await leaver.send("g x");
    await next.send("acquire a wait=forever");
    await server.events.untilCount(`${next.address} waits for `, 1);
    assertEquals(await leaver.close(), []); // a half-close, where the transport has one
    await server.events.until(`${leaver.address} disconnected`);
    assertEquals(await ask(holder, "release a"), "1 released count=1");
    assertMatch(await next.receive(), /^1 acquired .* previous=released /);
    assertMatch(await ask(next, "i x"), /^0 Lock Not Locked: x/);
    await holder.close();
    await next.close();
  });

  Deno.test(`requests sent during a wait over ${title} run in order, and bye closes the connection`, async () => {
    await using server = await startInner([], overrides);
    const [holder, waiter] = [await greeted(server, transport), await greeted(server, transport)];
    assertMatch(await ask(holder, "acquire a"), /^1 acquired /);
    await waiter.send("acquire a wait=forever");
    await server.events.untilCount(`${waiter.address} waits for `, 1);
    for (let i = 0; i < 100; i++) await waiter.send(`g ${i}`);
    await waiter.send("bye");
    assertEquals(await ask(holder, "release a"), "1 released count=1");
    assertMatch(await waiter.receive(), /^1 acquired /);
    for (let i = 0; i < 100; i++) assertEquals(await waiter.receive(), `1 Lock Get Success: ${i}`);
    assertEquals(await waiter.receive(), "1 bye");
    await waiter.untilClosed();
    await server.events.until(`${waiter.address} disconnected`);
    assertMatch(await ask(holder, "acquire a"), /^1 acquired .* previous=closed /);
    await holder.close();
    await waiter.close();
  });
}

for (const overrides of [{}, { withoutEpoll: true }]) {
  Deno.test(`a watcher that does not read learns how many events it missed, ${JSON.stringify(overrides)}`, async () => {
    await using server = await startInner([], overrides);
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
    // Far more than the buffers of the system and the server hold together.
    const rounds = 8000;
    for (let i = 0; i < rounds; i += 100) {
      await busy.send(Array.from({ length: 100 }, (_, j) => `g w${i + j}`).join("\n"));
      for (let remaining = 100; remaining > 0; remaining--) {
        assertMatch(await busy.receive(), /^1 /);
      }
    }
    let [received, lost] = [0, 0];
    while (received + lost < rounds) {
      await readMore();
      const lines = text.split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith("* event ")) received++;
        else lost += Number(/^\* lost count=(\d+)$/.exec(line)![1]);
      }
    }
    assertEquals([received + lost, text], [rounds, ""]);
    assert(
      lost > 0,
      "no event was lost: the buffers of the system are larger than this test expects",
    );
    assertMatch(await ask(busy, "g w"), /^1 /);
    while (!text.endsWith("\n")) await readMore();
    assertMatch(text, /^\* event json=\{"event":"acquire"\\c"name":"w"/);
    conn.close();
    await busy.close();
  });
}
