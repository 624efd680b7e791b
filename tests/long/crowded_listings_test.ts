/**
 * A million consumers listed while others come, go and are renewed: others are answered between the
 * pieces, who stays is in the list exactly once, and the list ends.
 */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { commandUnderTest, startProgram } from "../support/server.ts";

const CONSUMERS = 1_000_000;
const BATCH = 1000;
/** Of so many of them one is renewed now and then, and one leaves; the others stay untouched. */
const STRIDE = 10;
const [IS_RENEWED, LEAVES] = [1, 2];

async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Asks for lines that are answered by one each, many at a time. */
async function askMany(conn: Deno.Conn, lines: Iterable<string>): Promise<void> {
  const all = [...lines];
  const buffer = new Uint8Array(256 * 1024);
  const sent = send(conn, all.map((line) => `${line}\r\n`).join(""));
  for (let missing = all.length; missing > 0;) {
    const count = await conn.read(buffer) ?? 0;
    assert(count > 0, "the server answers");
    for (let i = 0; i < count; i++) if (buffer[i] === 0x0a) missing--;
  }
  await sent;
}

/** How often each of the crowd is in the reply, and how the reply begins and ends. */
class Tally {
  readonly times = new Uint8Array(CONSUMERS);
  head = "";
  #rest = "";
  /** The last few characters. */
  tail = "";
  length = 0;

  add(text: string): void {
    this.length += text.length;
    if (this.head.length < 100) this.head += text;
    this.tail = (this.tail + text).slice(-10);
    const all = this.#rest + text;
    const end = Math.max(all.lastIndexOf("\n"), all.lastIndexOf(",")); // behind whole names
    for (const [, user] of all.slice(0, end).matchAll(/\buser-(\d+)/g)) this.times[Number(user)]!++;
    this.#rest = all.slice(end);
  }
}

/** Asks for a listing, and another client for this and that until it is all there. */
async function listAmongOthers(place: Deno.ConnectOptions, request: string): Promise<Tally> {
  using conn = await Deno.connect(place);
  using other = await LineClient.dial(place as { hostname: string; port: number });
  const tally = new Tally();
  let [isThere, between] = [false, 0];
  await send(conn, `${request}\r\n`);
  await conn.closeWrite();
  const reading = (async () => {
    const buffer = new Uint8Array(256 * 1024);
    for (let count; (count = await conn.read(buffer)) !== null;) {
      tally.add(textOf(buffer, 0, count));
    }
    isThere = true;
  })();
  for (let turn = 1; !isThere; turn += 7919) {
    const at = (turn * STRIDE) % CONSUMERS;
    for (
      const line of [
        `consume farm user-${at + IS_RENEWED}`,
        `release farm user-${at + LEAVES}`,
        `consume farm guest-${turn}`,
      ]
    ) {
      assert((await other.ask(line)).startsWith("LOOKY/1.0 200 OK"), line);
      if (tally.length > 0 && !isThere) between++;
    }
  }
  await reading;
  assert(between > 0, "others are answered between the pieces");
  return tally;
}

function assertOnce({ times }: Tally): void {
  const isWrong = (number: number, i: number) => i % STRIDE === LEAVES ? number > 1 : number !== 1;
  assertEquals(times.findIndex(isWrong), -1, "who stays is listed once, who leaves at most once");
}

Deno.test("a million consumers are listed while others are served", async () => {
  await using server = await startProgram(commandUnderTest());
  const place = server.looky;
  using conn = await Deno.connect(place);
  await askMany(conn, ["add-pool farm", `set-resource farm host ${3 * CONSUMERS}`]);
  for (let from = 0; from < CONSUMERS; from += BATCH) {
    await askMany(conn, Array.from({ length: BATCH }, (_, i) => `consume farm user-${from + i}`));
  }
  const lines = await listAmongOthers(place, "print-resource farm host");
  assertOnce(lines);
  assertEquals(lines.head.split("\r\n")[0], "LOOKY/1.0 201 OK:multiline=yes");
  assert(lines.tail.endsWith("\r\n}\r\n\r\n"), "it ends as it should");

  const json = await listAmongOthers(place, "!print-resource host");
  assertOnce(json);
  assert(json.tail.endsWith("}}}\r\n"), "it ends as it should");
  const [head, length] = /^LOOKY\/1\.0 202 OK:format=json,length=(\d+)\r\n/.exec(json.head) ?? [];
  assertEquals(json.length, head!.length + Number(length) + 2);
});
