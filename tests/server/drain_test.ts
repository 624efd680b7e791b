/** A server that stops refuses all waiters and gives the reason. */
import { assertMatch } from "../support/assert.ts";
import { Peer } from "../support/peer.ts";
import { startInner } from "../support/server.ts";

Deno.test("a server that stops answers every waiter with 0 draining", async () => {
  const server = await startInner();
  const [holder, waiter] = [await Peer.connect(server.tcp), await Peer.connect(server.tcp)];
  await holder.send("hello\nacquire a\n");
  await holder.reply();
  await holder.reply();
  await waiter.send("hello\nacquire a wait=forever\n");
  await waiter.reply();
  await server.events.untilCount(`${waiter.address} waits for `, 1);
  const stopped = server[Symbol.asyncDispose]();
  assertMatch(await waiter.reply(), /^0 draining\n$/);
  await waiter.untilEnd();
  await holder.untilEnd();
  await Promise.all([holder.close(), waiter.close()]);
  await stopped;
});
