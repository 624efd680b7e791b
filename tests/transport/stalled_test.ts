/** A peer that asks and does not read: it is read no more, then given up; the others go on. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { startInner } from "../support/server.ts";

/** More than the system takes for a peer that does not read. */
const NAME = "x".repeat(4_000_000);

/** Says all of it while the other side takes it; gives up quietly when that is gone. */
async function say(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = bytesOf(text);
  try {
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  } catch { /* given up, as it should be */ }
}

for (const kind of ["tcp", "unix"] as const) {
  Deno.test(`over ${kind}, whoever leaves too many replies unread is given up, with the cause told`, async () => {
    await using server = await startInner(["-max-line=4194304", "-max-reply-buffer=131072"]);
    const dial = () =>
      kind === "tcp"
        ? Deno.connect(server.tcp)
        : Deno.connect({ transport: "unix", path: server.unix });
    const arrival = server.events.nextArrival();
    using deaf = await dial();
    const address = await arrival;
    using other = new LineClient(await dial());
    const said = say(deaf, `g mine\n${`i ${NAME}\n`.repeat(10)}`);
    await server.events.until(`${address} disconnected`);
    await said;
    const [cause] = server.events.matching(/does not read/);
    assertStringIncludes(cause!, "more than -max-reply-buffer allows");
    assertEquals(await other.ask("g mine"), "1 Lock Get Success: mine");
  });
}

Deno.test("whoever reads late gets every reply, and is read nothing from meanwhile", async () => {
  await using server = await startInner();
  using deaf = await Deno.connect({ transport: "unix", path: server.unix });
  using other = new LineClient(await Deno.connect(server.tcp));
  const requests = Array.from({ length: 20_000 }, (_, i) => `g lock ${i}\n`);
  const said = say(deaf, `${requests.join("")}g last\n`);
  // As much as the system takes is done; the last request is behind that.
  while (await other.ask("i lock 1000") === "0 Lock Not Locked: lock 1000");
  assertEquals(await other.ask("i last"), "0 Lock Not Locked: last");
  const buffer = new Uint8Array(64 * 1024);
  let lines = 0;
  let text = "";
  while (lines <= requests.length) {
    text = textOf(buffer, 0, (await deaf.read(buffer))!);
    for (const char of text) if (char === "\n") lines++;
  }
  await said;
  assertEquals(text.endsWith("1 Lock Get Success: last\r\n"), true);
});
