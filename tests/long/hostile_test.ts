/**
 * Ten thousand connections with hostile or invalid input. Each gets the reply that the protocol
 * defines, or is closed; a well-behaved client is not affected. Afterwards the process has the same
 * descriptors and about the same memory as before.
 */
// deno-lint-ignore-file no-control-regex
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { frame, Opcode } from "../../lib/wire/frames.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { HANDSHAKE } from "../support/handshake.ts";
import { LineClient } from "../support/line_client.ts";
import {
  type Address,
  commandUnderTest,
  type ProgramServer,
  startProgram,
} from "../support/server.ts";

const CONNECTIONS = 10_000;
/**
 * Buffers, code and heap first grow to their final size, after a number of rounds that depends on
 * the runtime. A leak grows in every round.
 */
const ROUNDS_MAX = 6;
/**
 * How often to check descriptors: some seconds, far longer than a client needs to read the rest.
 */
const CHECKS_MAX = 20_000;
const CONCURRENT = 50;
/** Less than a leak of one small object per connection. */
const MEMORY_BYTES_MAX = 8 * 1024 * 1024;
const MASK = Uint8Array.of(1, 2, 3, 4);

type Kind = readonly [name: string, port: "tcp" | "ws", send: string, answer: RegExp];

/** Returns a frame as text: header bytes and mask. */
const raw = (...bytes: number[]) => String.fromCharCode(...bytes, ...MASK);
const OPEN = "^HTTP/1\\.1 101 [^]*\r\n\r\n";
const VIOLATION = new RegExp(`${OPEN}\x88\x02\x03\xea$`);

const KINDS: readonly Kind[] = [
  ["an over-long line", "tcp", `g ${"x".repeat(1_100_000)}\ni a\n`, /^0 Lock Not Locked: a\r\n$/],
  ["NUL", "tcp", "i \0\0\n\0\n", /^0 Lock Not Locked: \0\0\r\n$/],
  ["invalid UTF-8", "tcp", "i \xff\xfe\xc3\n", /^0 Lock Not Locked: \xff\xfe\xc3\r\n$/],
  ["binary junk", "tcp", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n".repeat(100), /^$/],
  ["an HTTP request", "tcp", "GET / HTTP/1.1\r\nHost: x\r\nd: y\r\n\r\n", /^$/],
  [
    "half a line",
    "tcp",
    "g half a line\ng and",
    /^[01] Lock Get .*line\r\n[01] Lock Get .*and\r\n$/,
  ],
  ["nothing at all", "tcp", "", /^$/],
  ["no handshake", "ws", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 [^]*not websocket/],
  ["another method", "ws", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}", /^HTTP\/1\.1 405 /],
  ["no HTTP", "ws", "g foo\ni foo\n\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["half a head", "ws", HANDSHAKE.slice(0, 60), /^HTTP\/1\.1 400 /],
  ["an endless head", "ws", `GET / HTTP/1.1\r\n${"x: y\r\n".repeat(4000)}`, /^HTTP\/1\.1 400 /],
  ["an unmasked frame", "ws", `${HANDSHAKE}\x81\x05g foo`, VIOLATION],
  ["a reserved bit", "ws", `${HANDSHAKE}${raw(0xc1, 0x80)}`, VIOLATION],
  ["an unknown opcode", "ws", `${HANDSHAKE}${raw(0x83, 0x80)}`, VIOLATION],
  ["a long ping", "ws", `${HANDSHAKE}${raw(0x89, 0xfe, 0x01, 0x00)}`, VIOLATION],
  ["a stray fragment", "ws", `${HANDSHAKE}${raw(0x80, 0x80)}`, VIOLATION],
  ["half a frame", "ws", `${HANDSHAKE}${raw(0x81, 0xfe, 0x40, 0x00)}xyz`, /\x88\x02\x03\xe9$/],
  [
    "a lock, then a violation",
    "ws",
    `${HANDSHAKE}${textOf(frame(Opcode.text, bytesOf("g mine"), { mask: MASK }))}\x81\x00`,
    /[01] Lock Get .*: mine\r\n\x88\x02\x03\xea$/,
  ],
];

/**
 * Sends bytes, ends its side and checks the reply; every fifth client closes without reading it.
 */
async function misbehave(server: ProgramServer, number: number): Promise<void> {
  const [name, port, send, answer] = KINDS[number % KINDS.length]!;
  const conn = await Deno.connect(server[port]);
  try {
    const bytes = bytesOf(send);
    for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    if (number % 5 === 4) return; // closes with a reply in transit
    await conn.closeWrite();
    assertMatch(await readAll(conn), answer, name);
  } finally {
    conn.close();
  }
}

async function readAll(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (let count; (count = await conn.read(buffer)) !== null;) text += textOf(buffer, 0, count);
  return text;
}

async function misbehaveAll(server: ProgramServer, count: number): Promise<void> {
  let next = 0;
  const work = Array.from({ length: CONCURRENT }, async () => {
    while (next < count) await misbehave(server, next++);
  });
  await Promise.all(work);
}

/** Returns the descriptors and the resident memory of a process when only `client` is connected. */
async function usage(pid: number, client: LineClient): Promise<{ files: number; bytes: number }> {
  while (!(await client.askAll("q")).includes("connections: 1"));
  const links = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => linkOf(pid, name));
  // Without the runtime's own caches, which it opens at any time.
  const files = links.filter((link) => !link.startsWith("/")).length;
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return { files, bytes: Number(kib) * 1024 };
}

/** Returns the target of a descriptor; "/" if it has been closed meanwhile. */
function linkOf(pid: number, fd: string): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "/";
  }
}

/** Acquires and releases a lock until `stop` is set, and checks every reply. Returns the rounds. */
async function behaveWell(address: Address, stop: { isSet: boolean }): Promise<number> {
  using client = await LineClient.dial(address);
  let rounds = 0;
  for (; !stop.isSet; rounds++) {
    assertEquals(await client.ask("g good"), "1 Lock Get Success: good");
    assertEquals(await client.ask("r good"), "1 Lock Release Success: good");
  }
  return rounds;
}

Deno.test("10,000 hostile connections do not affect other clients, and leak nothing", {
  ignore: Deno.build.os !== "linux", // descriptors and memory are read from /proc
}, async () => {
  await using server = await startProgram(commandUnderTest());
  using client = await LineClient.dial(server.tcp);
  let before = await usage(server.process.pid, client);
  for (let left = ROUNDS_MAX; left > 0; left--) {
    const stop = { isSet: false };
    const good = behaveWell(server.tcp, stop);
    await misbehaveAll(server, CONNECTIONS);
    stop.isSet = true;
    assert(await good > 0);
    let after = await usage(server.process.pid, client);
    // A session ends before its client has read the last reply: the descriptor may close later.
    for (let checks = CHECKS_MAX; after.files > before.files && checks > 0; checks--) {
      after = await usage(server.process.pid, client);
    }
    assertEquals(after.files, before.files);
    const grownBytes = after.bytes - before.bytes;
    if (grownBytes <= MEMORY_BYTES_MAX) break;
    assert(left > 1, `resident memory keeps growing, now by ${grownBytes} bytes`);
    before = after;
  }
  assertEquals(await client.ask("i mine"), "0 Lock Not Locked: mine");
  const counters = await client.askAll("q");
  assertEquals(counters.filter((line) => /^(?:shared_)?locks:/.test(line)), [
    "locks: 0",
    "shared_locks: 0",
  ]);
});
