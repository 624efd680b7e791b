/** The running port for pools: access rules, WebSocket paths, exit, halt. */
import { readHead } from "../../lib/wire/looky.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";
import { HANDSHAKE } from "../support/handshake.ts";
import { Peer } from "../support/peer.ts";
import { askOnce, listPools, LOOKY_OK } from "../support/program.ts";
import { type Address, commandUnderTest, startProgram } from "../support/server.ts";

/** Asserts that the server disconnects a client at once and without a reply, whatever it sends. */
async function assertDisconnected(to: Address, text = ""): Promise<void> {
  const peer = await Peer.connect(to);
  if (text !== "") await peer.send(text).catch(() => {}); // the server may close first
  await peer.untilEnd();
  assertEquals(peer.received, "");
  await peer.close();
}

const LOOKY_HANDSHAKE = HANDSHAKE.replace("GET / ", "GET /looky ");

Deno.test("a denied client is disconnected at once without a reply, over TCP and WebSocket", async () => {
  using folder = new Folder();
  for (const lines of ["deny:all", "deny:127.", "order:allow,deny\nallow:10.0.0.0/8"]) {
    const conf = folder.put("looky.conf", `${lines}\npool.list:p\n`);
    await using server = await startProgram(commandUnderTest(), ["-conf", conf]);
    await assertDisconnected(server.looky);
    await assertDisconnected(server.looky, "list-pool\n");
    await assertDisconnected(server.ws, LOOKY_HANDSHAKE);
    // Other listeners are not affected.
    assertEquals(await listPools(server.lookyUnix), "[ p ]");
    assertEquals(await askOnce(server.tcp, "g foo"), "1 Lock Get Success: foo\r\n");
    const peer = await Peer.connect(server.ws);
    await peer.send(HANDSHAKE);
    assertMatch(await peer.reply(), /^HTTP\/1\.1 101 /);
    await peer.close();
  }
});

Deno.test("an allowed client is served, whatever is denied to others", async () => {
  using folder = new Folder();
  for (const lines of ["deny:all\nallow:localhost", "order:allow,deny\nallow:127.", "deny:10."]) {
    const conf = folder.put("looky.conf", `${lines}\npool.list:p\n`);
    await using server = await startProgram(commandUnderTest(), ["-conf", conf]);
    assertEquals(await listPools(server.looky), "[ p ]");
    const peer = await Peer.connect(server.ws);
    await peer.send(LOOKY_HANDSHAKE);
    assertMatch(await peer.reply(), /^HTTP\/1\.1 101 /);
    await peer.close();
  }
});

/** Sends lines to a WebSocket at a path; each is answered by one message. */
async function exchange(to: Address, path: string, lines: readonly string[]): Promise<string[]> {
  const socket = new WebSocket(`ws://${to.hostname}:${to.port}${path}`);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  const replies = [];
  for (const line of lines) {
    const reply = new Promise<MessageEvent<string>>((resolve) => socket.onmessage = resolve);
    socket.send(line);
    replies.push((await reply).data);
  }
  socket.close();
  await closed;
  return replies;
}

Deno.test("the WebSocket port serves pools at /looky, and locks at every other path", async () => {
  await using server = await startProgram(commandUnderTest());
  assertEquals(await exchange(server.ws, "/looky", ["add-pool p", "list-pool", "", "g foo"]), [
    LOOKY_OK,
    "LOOKY/1.0 201 OK:multiline=yes\r\npool-list = [ p ]\r\n\r\n",
    "",
    await askOnce(server.looky, "g foo"),
  ]);
  for (const path of ["/", "/locks", "/looky2"]) {
    assertEquals(await exchange(server.ws, path, ["i foo", "list-pool"]), [
      "0 Lock Not Locked: foo\r\n",
      "",
    ]);
  }
});

Deno.test("the ports for locks and pools work side by side, and do not share commands", async () => {
  await using server = await startProgram(commandUnderTest());
  const [locks, looky] = [await Peer.connect(server.tcp), await Peer.connect(server.looky)];
  await looky.send("add-pool p\n");
  await looky.receive(LOOKY_OK);
  await locks.send("list-pool\ng foo\n");
  await locks.receive("1 Lock Get Success: foo\r\n");
  await looky.send("i foo\n");
  assertMatch(await looky.reply(), /^LOOKY\/1\.0 400 ERR:message=/);
  await looky.send("exit\n");
  await looky.receive(LOOKY_OK);
  await looky.expectEnd();
  await locks.send("i foo\n");
  await locks.receive("1 Lock Is Locked: foo\n");
  await locks.leave();
  await looky.close();
});

Deno.test("exit is answered, then the connection ends, and later requests are ignored", async () => {
  await using server = await startProgram(commandUnderTest());
  for (const to of [server.looky, server.lookyUnix]) {
    const peer = await Peer.connect(to);
    await peer.send("exit\nadd-pool late\n");
    await peer.receive(LOOKY_OK);
    assertEquals(await peer.untilEnd(), "fin");
    assertEquals(peer.received, "");
    await peer.close();
    assertEquals(await listPools(to), "[ ]");
  }
});

Deno.test("a client that closes its sending side gets its replies, then the server closes", async () => {
  await using server = await startProgram(commandUnderTest());
  const peer = await Peer.connect(server.looky);
  await peer.send("master\nadd-pool p\nset-latency p 5"); // the last line is not terminated
  await peer.endSending();
  await peer.receive(LOOKY_OK.repeat(3));
  await peer.expectEnd();
  await peer.close();
  assertEquals(
    await askOnce(server.looky, "master"),
    LOOKY_OK,
    "the master left with its connection",
  );
});

for (const way of ["tcp", "unix"] as const) {
  Deno.test(`halt over ${way} is answered, then the program ends with status 0`, async () => {
    await using server = await startProgram(commandUnderTest());
    const other = await Peer.connect(server.tcp);
    await other.send("g foo\n");
    await other.reply();
    const peer = await Peer.connect(way === "tcp" ? server.looky : server.lookyUnix);
    await peer.send("halt\n");
    await peer.receive(LOOKY_OK);
    await peer.expectEnd();
    assertEquals((await server.process.status).code, 0);
    assertEquals(await other.untilEnd(), "fin");
    assertEquals([...Deno.readDirSync(server.folder)], []);
    await Promise.all([peer.close(), other.close()]);
  });
}

Deno.test("halt over a WebSocket from this machine ends the program", async () => {
  await using server = await startProgram(commandUnderTest());
  const socket = new WebSocket(`ws://127.0.0.1:${server.ws.port}/looky`);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  const reply = new Promise<MessageEvent<string>>((resolve) => socket.onmessage = resolve);
  socket.send("halt");
  assertEquals((await reply).data, LOOKY_OK);
  assertEquals((await server.process.status).code, 0);
  await closed;
});

Deno.test("an invalid halt is refused, and the program continues", async () => {
  await using server = await startProgram(commandUnderTest());
  for (const request of ["halt now", "!halt", "Halt"]) {
    assertEquals(readHead(await askOnce(server.looky, request))?.code, 400, request);
  }
  assertEquals(await askOnce(server.looky, "add-pool p"), LOOKY_OK);
});

Deno.test("-max-line applies to pools: ERR 400, and the connection stays", async () => {
  await using server = await startProgram(commandUnderTest(), ["-max-line=100"]);
  const peer = await Peer.connect(server.looky);
  await peer.send(`add-pool ${"x".repeat(100)}\nadd-pool p\n`);
  assertEquals(readHead(await peer.reply())?.code, 400);
  await peer.receive(LOOKY_OK);
  await peer.leave();
  assertEquals(await listPools(server.looky), "[ p ]");
});
