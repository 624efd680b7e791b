/** A grant and the end of its connection in one step: nothing that was sent behind it is run. */
import { serveSession } from "../../lib/dispatch/session.ts";
import { readConfig } from "../../lib/server/config.ts";
import { buildServices } from "../../lib/server/services.ts";
import { bytesOf } from "../../lib/wire/bytes.ts";
import type { Receiver } from "../../lib/transport/connection.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { Ear, Pipe } from "../support/pipe.ts";

/** A pipe whose end can be heard in the middle of somebody else's step. */
class Brittle extends Pipe {
  #hearer: Receiver | undefined;

  override pump(hearer: Receiver): Promise<void> {
    this.#hearer = hearer;
    return super.pump(hearer);
  }

  breakNow(): void {
    this.#hearer!.onClose("lost");
  }
}

Deno.test("who ends in the step of its grant runs nothing more and holds nothing", async () => {
  const { glockd } = buildServices(readConfig([]), undefined, {});
  const [holder, waiter, other] = [new Ear(), new Ear(), new Ear()];
  const [holderPipe, otherPipe] = [new Pipe(holder), new Pipe(other)];
  const waiterPipe = new Brittle(waiter);
  const ended = [holderPipe, waiterPipe, otherPipe].map((pipe) => serveSession(pipe, glockd));
  holderPipe.push(bytesOf("hello\nacquire a\n"));
  assertMatch(await holder.next(), /^1 hello/);
  assertMatch(await holder.next(), /^1 acquired/);
  waiterPipe.push(bytesOf("hello\nacquire a wait=forever\ng b\nacquire c\n"));
  assertMatch(await waiter.next(), /^1 hello/);
  holderPipe.write = ((bytes: Uint8Array) => {
    waiterPipe.breakNow(); // the reply to `release` is on its way, the grant has been made
    return Pipe.prototype.write.call(holderPipe, bytes);
  }) as typeof holderPipe.write;
  holderPipe.push(bytesOf("release a\n"));
  assertMatch(await holder.next(), /^1 released/);
  otherPipe.push(bytesOf("hello\nlist\n"));
  assertMatch(await other.next(), /^1 hello/);
  assertEquals(await other.next(), "1 listed json=[]");
  holderPipe.push(null);
  waiterPipe.push(null);
  otherPipe.push(null);
  await Promise.all(ended);
});
