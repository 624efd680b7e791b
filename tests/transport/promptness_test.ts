/**
 * Whoever asks right after another client's close has returned finds its locks free: clients of 2013
 * rely on it. The end and the request reach the server in one turn of its event loop, provided that
 * it is a process of its own.
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
        const ending = holding.closeWrite(); // at once; `close()` may be put off by the runtime
        assertEquals(await asking.ask("i foo"), "0 Lock Not Locked: foo", `round ${round}`);
        await ending;
        holding.close();
      }
    });
  }
}
