/**
 * Many listings requested at once by a client that reads them all, from a process with little
 * memory.
 */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assertEquals } from "../support/assert.ts";
import { startProgram } from "../support/server.ts";

const LOCKS = 500;
const LISTINGS = 8_000;
/** Half the size of all listings together. */
const HEAP_MIB = 150;

Deno.test("8,000 listings requested in one write are generated one by one, not all at once", async () => {
  const main = new URL("../../main.ts", import.meta.url).pathname;
  await using server = await startProgram([
    Deno.execPath(),
    "run",
    `--v8-flags=--max-old-space-size=${HEAP_MIB}`,
    "--no-prompt",
    "--allow-net",
    "--allow-read",
    "--allow-write",
    main,
  ]);
  using conn = await Deno.connect(server.tcp);
  const locks = Array.from({ length: LOCKS }, (_, i) => `g ${i}\n`).join("");
  const sent = send(conn, `${locks}${"d\n".repeat(LISTINGS)}i 7`);
  const buffer = new Uint8Array(256 * 1024);
  let [lines, last] = [0, ""];
  for (let count; (count = await conn.read(buffer)) !== null;) {
    last = (last + textOf(buffer, 0, count)).slice(-100);
    for (let i = 0; i < count; i++) if (buffer[i] === 0x0a) lines++;
  }
  await sent;
  assertEquals(lines, LOCKS + LOCKS * LISTINGS + 1);
  assertEquals(last.trimEnd().split("\n").at(-1), "1 Lock Is Locked: 7");
});

async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  await conn.closeWrite();
}
