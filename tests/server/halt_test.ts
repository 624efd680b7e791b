/** `halt`: accepted from this machine, and from others only with -allow-halt. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { readHead } from "../../lib/wire/looky.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { HANDSHAKE } from "../support/handshake.ts";
import { LineQueue, Pipe } from "../support/pipe.ts";
import { startInner } from "../support/server.ts";
import { clientFrame } from "../support/ws_frames.ts";

/** Returns the codes of the replies to a peer on that host; undefined stands for a Unix socket. */
async function codes(
  host: string | undefined,
  flags: readonly string[],
  requests: readonly string[],
): Promise<{ codes: number[]; halted: boolean }> {
  await using server = await startInner(flags);
  const lines = new LineQueue();
  const pipe = new Pipe(lines);
  Object.defineProperty(pipe, "host", { value: host });
  let halted = false;
  server.server.halted.then(() => halted = true);
  const ended = server.server.serve(pipe, "looky");
  pipe.push(bytesOf(requests.map((request) => `${request}\n`).join("")));
  pipe.push(null);
  await ended;
  const replies = await lines.rest();
  return { codes: replies.map((line) => readHead(line)?.code ?? 0), halted };
}

const LOCAL = [undefined, "127.0.0.1", "127.9.9.9", "::1"];
const REMOTE = ["192.0.2.1", "10.0.0.1", "128.0.0.1", "2001:db8::1", "fe80::1", "::2"];

Deno.test("halt from this machine is answered and ends the program", async () => {
  for (const host of LOCAL) {
    assertEquals(await codes(host, [], ["halt", "save"]), { codes: [200], halted: true }, host);
  }
});

Deno.test("halt from another machine is ERR 403, and its connection stays open", async () => {
  for (const host of REMOTE) {
    const { codes: seen, halted } = await codes(host, [], ["halt", "add-pool p", "halt", "exit"]);
    assertEquals({ codes: seen, halted }, { codes: [403, 200, 403, 200], halted: false }, host);
  }
});

Deno.test("-allow-halt accepts halt from any machine", async () => {
  for (const host of [...LOCAL, ...REMOTE]) {
    assertEquals(
      await codes(host, ["-allow-halt"], ["halt"]),
      { codes: [200], halted: true },
      host,
    );
  }
});

Deno.test("arguments are checked before permission: ERR 400 from another machine", async () => {
  for (const request of ["halt now", "!halt"]) {
    assertEquals(await codes("192.0.2.1", [], [request]), { codes: [400], halted: false }, request);
  }
});

Deno.test("halt from a web page is ERR 403 even on this machine", async () => {
  const handshake = HANDSHAKE.replace("/ ", "/looky ").replace(
    "\r\n",
    "\r\nOrigin: https://a.example\r\n",
  );
  for (
    const [head, code] of [[handshake, 403], [HANDSHAKE.replace("/ ", "/looky "), 200]] as const
  ) {
    await using server = await startInner();
    using conn = await Deno.connect(server.ws);
    await conn.write(bytesOf(head));
    await conn.write(clientFrame("halt"));
    let text = "";
    const buffer = new Uint8Array(1024);
    while (!text.includes("LOOKY/1.0 ")) {
      const count = await conn.read(buffer);
      assert(count !== null, text);
      text += textOf(buffer, 0, count);
    }
    assertEquals(readHead(text.slice(text.indexOf("LOOKY")).split("\r\n")[0]!)?.code, code);
  }
});

Deno.test("halt is answered completely, whatever was sent behind it", async () => {
  await using server = await startInner();
  using conn = await Deno.connect(server.looky);
  const requests = ["add-pool p", ...Array(500).fill("print-pool p"), "exit"];
  const sent = (async () => {
    const bytes = bytesOf([...requests, ...Array(5000).fill("status")].join("\n"));
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    await conn.closeWrite();
  })().catch(() => {});
  let text = "";
  const buffer = new Uint8Array(64 * 1024);
  for (let count; (count = await conn.read(buffer)) !== null;) text += textOf(buffer, 0, count);
  await sent;
  assertEquals(text.split("pool p {").length - 1, 500);
  assert(text.endsWith("}\r\n\r\nLOOKY/1.0 200 OK\r\n"), text.slice(-100));
});
