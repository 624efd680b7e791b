/** Rules of the WebSocket protocol that the recorded dialogues do not cover. */
import { assert, assertEquals } from "../support/assert.ts";
import { Peer } from "../support/peer.ts";
import { type Address, startInner } from "../support/server.ts";
import { WsPeer } from "../support/ws_peer.ts";

/** Returns what the runtime's client, another implementation, receives: one message per request. */
async function messages(address: Address, ...sent: string[]): Promise<string[]> {
  const socket = new WebSocket(`ws://${address.hostname}:${address.port}/`);
  const received: string[] = [];
  await new Promise((resolve) => {
    socket.onopen = () => sent.forEach((message) => socket.send(message));
    socket.onmessage = ({ data }) => {
      received.push(data);
      if (received.length === sent.length) socket.close();
    };
    socket.onclose = resolve;
  });
  return received;
}

Deno.test("locks are released before a close frame is answered", async () => {
  await using server = await startInner();
  const peer = await WsPeer.connect(server.ws);
  await peer.send("g foo");
  await peer.reply();
  await peer.sendClose();
  await peer.receiveClose(1000);
  assert(server.events.has(`${peer.address} disconnected`));
  await peer.close();
});

Deno.test("locks are released before a violation is answered", async () => {
  await using server = await startInner();
  const peer = await WsPeer.connect(server.ws);
  await peer.send("g foo");
  await peer.reply();
  await peer.send("g bar", { masked: false });
  await peer.receiveClose(1002);
  assert(server.events.has(`${peer.address} disconnected`));
  await peer.close();
});

Deno.test("a reply that is not valid UTF-8 is a binary frame, any other a text frame", async () => {
  await using server = await startInner();
  const peer = await WsPeer.connect(server.ws);
  for (const [name, type] of [["\xff", "binary"], ["\xc3\xa9", "text"], ["", "text"]] as const) {
    await peer.send(`i ${name}`, { type: "binary" });
    assertEquals(await peer.frame(), { type, text: `0 Lock Not Locked: ${name}\r\n` });
    await peer.send(`i ${name}`, { type: "text" });
    assertEquals((await peer.frame()).type, type);
  }
  await peer.leave();
});

Deno.test("a message gets one reply message, whatever its length and number of lines", async () => {
  await using server = await startInner();
  const peer = await WsPeer.connect(server.ws);
  await peer.send(`g ${"x".repeat(3_000_000)}`);
  assertEquals(await peer.frame(), { type: "text", text: "" });
  await peer.leave();
  const lines = "i a\n".repeat(50_000);
  const replies = "0 Lock Not Locked: a\r\n".repeat(50_000);
  assertEquals(await messages(server.ws, lines, `${lines}i \u00ff\n`, "i b"), [
    replies,
    `${replies}0 Lock Not Locked: \u00ff\r\n`,
    "0 Lock Not Locked: b\r\n",
  ]);
});

Deno.test("a long reply that began as text stays text: invalid bytes are replaced", async () => {
  await using server = await startInner();
  const keeper = await Peer.connect(server.tcp);
  await keeper.send("g b\xff\n");
  await keeper.reply();
  const [reply] = await messages(server.ws, `${"i a\n".repeat(50_000)}d`);
  assertEquals(reply?.slice(-`b: ${keeper.address}\n`.length - 1), `b\ufffd: ${keeper.address}\n`);
  await keeper.leave();
});

Deno.test("one message of 20,000 listings neither fills memory nor blocks other clients", async () => {
  await using server = await startInner();
  const [stalled, other] = [await WsPeer.connect(server.ws), await Peer.connect(server.tcp)];
  await other.send(Array.from({ length: 1000 }, (_, i) => `g ${i}\n`).join(""));
  for (let i = 0; i < 1000; i++) await other.reply();
  stalled.pause();
  await stalled.send("d\n".repeat(20_000)); // a reply of half a gigabyte
  for (let i = 0; i < 20; i++) {
    await other.send("i 7\n");
    assertEquals(await other.reply(), "1 Lock Is Locked: 7\n");
  }
  await stalled.reset();
  await server.events.until(`${stalled.address} disconnected`);
  await other.leave();
});

Deno.test("an incomplete message is not a request, not even at the end of the connection", async () => {
  await using server = await startInner();
  const keeper = await Peer.connect(server.tcp);
  const peer = await WsPeer.connect(server.ws);
  await peer.send("g foobar");
  await peer.reply();
  await peer.send("iam half", { final: false });
  await peer.endSending();
  await server.events.until(`${peer.address} disconnected`);
  assert(!server.events.has(`${peer.address} changed their name to 'half'`));
  await peer.close();
  await keeper.leave();
});

Deno.test("a ping between the fragments of a message is answered", async () => {
  await using server = await startInner();
  const peer = await WsPeer.connect(server.ws);
  await peer.send("i f", { final: false });
  await peer.send("are you there?", { type: "ping" });
  assertEquals(await peer.frame(), { type: "pong", text: "are you there?" });
  await peer.send("oo", { type: "continuation" });
  assertEquals((await peer.frame()).text, "0 Lock Not Locked: foo\r\n");
  await peer.leave();
});
