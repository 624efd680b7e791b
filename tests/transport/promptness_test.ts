/**
 * A request sent right after another client's close has returned finds that client's locks free:
 * clients of 2013 rely on it. The end and the request reach the server in one turn of its event
 * loop, so the server must be a process of its own.
 */
import { bytesOf } from "../../lib/wire/bytes.ts";
import { assertEquals } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { commandUnderTest, startProgram, type TestServer } from "../support/server.ts";

const ROUNDS = 200;
const DIALS = {
  tcp: (server: TestServer) => Deno.connect(server.tcp),
  unix: (server: TestServer) => Deno.connect({ transport: "unix", path: server.unix }),
};
type DialName = keyof typeof DIALS;

for (const holder of ["tcp", "unix"] as DialName[]) {
  for (const asker of ["tcp", "unix"] as DialName[]) {
    Deno.test(`a lock held over ${holder} is free for ${asker} right after the close`, async () => {
      await using server = await startProgram(commandUnderTest());
      for (let round = 0; round < ROUNDS; round++) {
        const holding = await DIALS[holder](server);
        using asking = new LineClient(await DIALS[asker](server));
        assertEquals(await asking.ask("i foo"), "0 Lock Not Locked: foo");
        await holding.write(bytesOf("g foo\n"));
        await holding.read(new Uint8Array(64));
        const ending = holding.closeWrite(); // immediate; the runtime may delay `close()`
        assertEquals(await asking.ask("i foo"), "0 Lock Not Locked: foo", `round ${round}`);
        await ending;
        holding.close();
      }
    });
  }
}

const NEIGHBOURS = 30;
const PAYLOAD = "i neighbour\n".repeat(40);

Deno.test("a lock is free right after the close while other clients keep the server busy", async () => {
  await using server = await startProgram(commandUnderTest());
  let isOver = false;
  const neighbours = Array.from({ length: NEIGHBOURS }, async () => {
    using client = await LineClient.dial(server.tcp);
    while (!isOver) await client.askAll(PAYLOAD);
  });
  using asking = await LineClient.dial(server.tcp);
  for (let round = 0; round < ROUNDS; round++) {
    const holding = await LineClient.dial(server.tcp);
    assertEquals(await holding.ask("g foo"), "1 Lock Get Success: foo");
    assertEquals(await asking.ask("i foo"), "1 Lock Is Locked: foo");
    const ending = holding.end(); // immediate; the runtime may delay `close()`
    assertEquals(await asking.ask("i foo"), "0 Lock Not Locked: foo", `round ${round}`);
    await ending;
    holding[Symbol.dispose]();
  }
  isOver = true;
  await Promise.all(neighbours);
});
