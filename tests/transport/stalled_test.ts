/** Peers that read too slowly: the server stops reading from them, then disconnects them. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { startInner } from "../support/server.ts";

/** More than the operating system buffers for a peer that does not read. */
const NAME = "x".repeat(4_000_000);

/** Sends the text; stops without an error when the other side closes. */
async function sendAll(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = bytesOf(text);
  try {
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  } catch { /* disconnected, as expected */ }
}

for (const kind of ["tcp", "unix"] as const) {
  Deno.test(`over ${kind}, a client that reads its replies too slowly is disconnected, with the cause`, async () => {
    await using server = await startInner(["-max-line=4194304", "-max-reply-buffer=131072"]);
    const dial = () =>
      kind === "tcp"
        ? Deno.connect(server.tcp)
        : Deno.connect({ transport: "unix", path: server.unix });
    const arrival = server.events.nextConnection();
    using stalled = await dial();
    const address = await arrival;
    using other = new LineClient(await dial());
    const sent = sendAll(stalled, `g mine\n${`i ${NAME}\n`.repeat(10)}`);
    const disconnected = server.events.until(`${address} disconnected`).then(() => null);
    // Reads a little: what is left of the first reply may be just below the limit, and stay.
    const buffer = new Uint8Array(64 * 1024);
    const readSome = () => stalled.read(buffer).catch(() => null);
    while (await Promise.race([disconnected, readSome()]) !== null) await other.ask("me");
    await disconnected;
    await sent;
    const [cause] = server.events.matching(/does not read/);
    assertStringIncludes(cause!, "unsent bytes exceed -max-reply-buffer");
    assertEquals(await other.ask("g mine"), "1 Lock Get Success: mine");
  });
}

Deno.test("a client that reads late gets every reply, and is not read from meanwhile", async () => {
  await using server = await startInner();
  using stalled = await Deno.connect({ transport: "unix", path: server.unix });
  using other = new LineClient(await Deno.connect(server.tcp));
  const requests = Array.from({ length: 20_000 }, (_, i) => `g lock ${i}\n`);
  const sent = sendAll(stalled, `${requests.join("")}g last\n`);
  // The server runs the requests that the system buffers; the last one is beyond them.
  while (await other.ask("i lock 1000") === "0 Lock Not Locked: lock 1000");
  assertEquals(await other.ask("i last"), "0 Lock Not Locked: last");
  const buffer = new Uint8Array(64 * 1024);
  let lines = 0;
  let text = "";
  while (lines <= requests.length) {
    text = textOf(buffer, 0, (await stalled.read(buffer))!);
    for (const char of text) if (char === "\n") lines++;
  }
  await sent;
  assertEquals(text.endsWith("1 Lock Get Success: last\r\n"), true);
});
