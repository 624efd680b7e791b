/** A server that ends sends those away who wait, and tells them why. */
import { assertMatch } from "../support/assert.ts";
import { Peer } from "../support/peer.ts";
import { startInner } from "../support/server.ts";

Deno.test("a server that ends tells those who wait that nothing is granted any more", async () => {
  const server = await startInner();
  const [holder, waiter] = [await Peer.connect(server.tcp), await Peer.connect(server.tcp)];
  await holder.send("hello\nacquire a\n");
  await holder.reply();
  await holder.reply();
  await waiter.send("hello\nacquire a wait=forever\n");
  await waiter.reply();
  await server.events.untilTold(`${waiter.address} waits for `, 1);
  const stopped = server[Symbol.asyncDispose]();
  assertMatch(await waiter.reply(), /^0 draining\n$/);
  await waiter.untilEnd();
  await holder.untilEnd();
  await Promise.all([holder.close(), waiter.close()]);
  await stopped;
});
