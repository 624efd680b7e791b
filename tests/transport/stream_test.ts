/** Ends of byte streams: complete requests run, an incomplete one runs only after a half-close. */
import { addressText } from "../../lib/transport/address.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { Peer } from "../support/peer.ts";
import { startInner } from "../support/server.ts";

Deno.test("Peer.reset() resets the connection: a read on the other side fails", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const [conn, peer] = await Promise.all([listener.accept(), Peer.connect({ hostname, port })]);
  await peer.reset();
  await assertRejects(() => conn.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
  conn.close();
});

Deno.test("a last line without LF runs at a half-close, and is answered", async () => {
  await using server = await startInner();
  const peer = await Peer.connect(server.tcp);
  await peer.send("g foo\ni foo");
  await peer.endSending();
  await peer.receive("1 Lock Get Success: foo\r\n1 Lock Is Locked: foo\n");
  await peer.expectEnd();
  await peer.close();
});

Deno.test("a last line without LF is discarded at a reset", async () => {
  await using server = await startInner();
  const peer = await Peer.connect(server.tcp);
  await peer.send("g foo\n");
  await peer.reply();
  await peer.send("iam nobody");
  await peer.reset();
  await server.events.until(`${peer.address} disconnected`);
  assert(server.events.has(`${peer.address} orphaned lock foo`));
  assert(!server.events.has(`${peer.address} changed their name to 'nobody'`));
});

Deno.test("a client that never reads does not delay other clients", async () => {
  await using server = await startInner();
  const stalled = await Peer.connect(server.tcp);
  await stalled.send(`iam stalled\ng ${"x".repeat(1000)}\n`);
  stalled.pause();
  const flood = stalled.send(`i ${"x".repeat(1000)}\n`.repeat(20_000)).catch(() => {});
  const other = await Peer.connect(server.tcp);
  for (let i = 0; i < 100; i++) {
    await other.send("who stalled\n");
    assertEquals(await other.reply(), `${stalled.address}: stalled\n`);
  }
  await stalled.reset();
  await flood;
  await server.events.until(`${stalled.address} disconnected`);
  await other.leave();
});

Deno.test("addressText() writes IPv6 in brackets, and an IPv4-mapped address as IPv4", () => {
  const text = (hostname: string) => addressText({ transport: "tcp", hostname, port: 1 });
  assertEquals(text("127.0.0.1"), "127.0.0.1:1");
  assertEquals(text("::1"), "[::1]:1");
  assertEquals(text("::ffff:10.0.0.1"), "10.0.0.1:1");
  assertEquals(text("::ffff:a:1"), "[::ffff:a:1]:1");
});
