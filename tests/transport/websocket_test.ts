/** WebSocket as its own protocol demands, beyond what the recorded dialogues hold. */
import { assert, assertEquals } from "../support/assert.ts";
import { Peer } from "../support/peer.ts";
import { startInner } from "../support/server.ts";
import { WsPeer } from "../support/ws_peer.ts";

Deno.test("locks are free before a close frame is answered", async () => {
  await using server = await startInner();
  const peer = await WsPeer.connect(server.ws);
  await peer.send("g foo");
  await peer.reply();
  await peer.sendClose();
  await peer.receiveClose(1000);
  assert(server.events.has(`${peer.address} disconnected`));
  await peer.close();
});

Deno.test("locks are free before a violation is answered", async () => {
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

Deno.test("a message is answered once, however long and however many lines it has", async () => {
  await using server = await startInner();
  const peer = await WsPeer.connect(server.ws);
  await peer.send(`g ${"x".repeat(3_000_000)}`);
  assertEquals(await peer.frame(), { type: "text", text: "" });
  await peer.send("i a\n".repeat(50_000));
  assertEquals((await peer.frame()).text, "0 Lock Not Locked: a\r\n".repeat(50_000));
  await peer.leave();
});

Deno.test("half a message is no request, not even at the end of the connection", async () => {
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

Deno.test("a ping is answered in the middle of a fragmented message", async () => {
  await using server = await startInner();
  const peer = await WsPeer.connect(server.ws);
  await peer.send("i f", { final: false });
  await peer.send("are you there?", { type: "ping" });
  assertEquals(await peer.frame(), { type: "pong", text: "are you there?" });
  await peer.send("oo", { type: "continuation" });
  assertEquals((await peer.frame()).text, "0 Lock Not Locked: foo\r\n");
  await peer.leave();
});
