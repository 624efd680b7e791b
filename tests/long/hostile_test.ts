/**
 * Ten thousand connections that mean harm or nonsense: each gets what the protocol says or an end,
 * a well-behaved client notices nothing, and afterwards the process has the descriptors and the
 * memory it had before.
 */
// deno-lint-ignore-file no-control-regex
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { frame, Opcode } from "../../lib/wire/frames.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { HANDSHAKE } from "../support/handshake.ts";
import { LineClient } from "../support/line_client.ts";
import {
  commandUnderTest,
  type Place,
  type ProgramServer,
  startProgram,
} from "../support/server.ts";

const CONNECTIONS = 10_000;
/**
 * How often at most. Buffers, code and heap grow to their lasting size first, and when they have is
 * the runtime's choice; what leaks grows every time.
 */
const ROUNDS_MAX = 6;
/** How often to look again: some seconds' worth, far more than last words may take. */
const LOOKS_MAX = 20_000;
const AT_ONCE = 50;
/** A leak of one small object a connection would be more than this. */
const MEMORY_BYTES_MAX = 8 * 1024 * 1024;
const MASK = Uint8Array.of(1, 2, 3, 4);

type Kind = readonly [name: string, port: "tcp" | "ws", send: string, answer: RegExp];

/** A frame as text: header bytes, mask, payload as it is. */
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

/** Sends, ends its side, and checks the answer; every fifth goes without waiting for one. */
async function misbehave(server: ProgramServer, number: number): Promise<void> {
  const [name, port, send, answer] = KINDS[number % KINDS.length]!;
  const conn = await Deno.connect(server[port]);
  try {
    const bytes = bytesOf(send);
    for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    if (number % 5 === 4) return; // gone, with a reply on its way
    await conn.closeWrite();
    assertMatch(await hear(conn), answer, name);
  } finally {
    conn.close();
  }
}

async function hear(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (let count; (count = await conn.read(buffer)) !== null;) text += textOf(buffer, 0, count);
  return text;
}

async function misbehaveAll(server: ProgramServer, count: number): Promise<void> {
  let next = 0;
  const work = Array.from({ length: AT_ONCE }, async () => {
    while (next < count) await misbehave(server, next++);
  });
  await Promise.all(work);
}

/** Descriptors and resident memory of a process once only `witness` is connected. */
async function usage(pid: number, witness: LineClient): Promise<{ files: number; bytes: number }> {
  while (!(await witness.askAll("q")).includes("connections: 1"));
  const links = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => linkOf(pid, name));
  // Not the runtime's own caches, which it opens when it comes to that.
  const files = links.filter((link) => !link.startsWith("/")).length;
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return { files, bytes: Number(kib) * 1024 };
}

/** What a descriptor is; nothing when it has been closed meanwhile. */
function linkOf(pid: number, fd: string): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "/";
  }
}

/** Goes on taking and giving a lock, checking every reply, until told to stop. */
async function behaveWell(place: Place, until: { over: boolean }): Promise<number> {
  using client = await LineClient.dial(place);
  let rounds = 0;
  for (; !until.over; rounds++) {
    assertEquals(await client.ask("g good"), "1 Lock Get Success: good");
    assertEquals(await client.ask("r good"), "1 Lock Release Success: good");
  }
  return rounds;
}

Deno.test("10,000 hostile connections: nobody else notices, nothing leaks", {
  ignore: Deno.build.os !== "linux", // descriptors and memory are read from /proc
}, async () => {
  await using server = await startProgram(commandUnderTest());
  using witness = await LineClient.dial(server.tcp);
  let before = await usage(server.process.pid, witness);
  for (let left = ROUNDS_MAX; left > 0; left--) {
    const until = { over: false };
    const good = behaveWell(server.tcp, until);
    await misbehaveAll(server, CONNECTIONS);
    until.over = true;
    assert(await good > 0);
    let after = await usage(server.process.pid, witness);
    // A session ends before its last words are read: its descriptor may go a moment later.
    for (let looks = LOOKS_MAX; after.files > before.files && looks > 0; looks--) {
      after = await usage(server.process.pid, witness);
    }
    assertEquals(after.files, before.files);
    const grownBytes = after.bytes - before.bytes;
    if (grownBytes <= MEMORY_BYTES_MAX) break;
    assert(left > 1, `resident memory goes on growing, now by ${grownBytes} bytes`);
    before = after;
  }
  assertEquals(await witness.ask("i mine"), "0 Lock Not Locked: mine");
  const counters = await witness.askAll("q");
  assertEquals(counters.filter((line) => /^(?:shared_)?locks:/.test(line)), [
    "locks: 0",
    "shared_locks: 0",
  ]);
});
