/** A grant and the end of its connection in one step: no later request of that connection runs. */
import { serveSession } from "../../lib/dispatch/session.ts";
import { readConfig } from "../../lib/server/config.ts";
import { buildServices } from "../../lib/server/services.ts";
import { bytesOf } from "../../lib/wire/bytes.ts";
import type { Receiver } from "../../lib/transport/connection.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { LineQueue, Pipe } from "../support/pipe.ts";

/** A pipe that can close within a step of another session. */
class BreakablePipe extends Pipe {
  #receiver: Receiver | undefined;

  override pump(receiver: Receiver): Promise<void> {
    this.#receiver = receiver;
    return super.pump(receiver);
  }

  breakOff(): void {
    this.#receiver!.onClose("lost");
  }
}

Deno.test("a connection that ends in the step of its grant runs nothing more and holds no lock", async () => {
  const { glockd } = buildServices(readConfig([]), undefined, {});
  const [holder, waiter, other] = [new LineQueue(), new LineQueue(), new LineQueue()];
  const [holderPipe, otherPipe] = [new Pipe(holder), new Pipe(other)];
  const waiterPipe = new BreakablePipe(waiter);
  const ended = [holderPipe, waiterPipe, otherPipe].map((pipe) => serveSession(pipe, glockd));
  holderPipe.push(bytesOf("hello\nacquire a\n"));
  assertMatch(await holder.next(), /^1 hello/);
  assertMatch(await holder.next(), /^1 acquired/);
  waiterPipe.push(bytesOf("hello\nacquire a wait=forever\ng b\nacquire c\n"));
  assertMatch(await waiter.next(), /^1 hello/);
  holderPipe.write = ((bytes: Uint8Array) => {
    waiterPipe.breakOff(); // the lock is granted, and the reply to `release` is being written
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
