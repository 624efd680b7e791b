/**
 * Listings of a million consumers while others are assigned, released and renewed: the server answers
 * other clients between the pieces, lists every consumer that stays exactly once, and ends the list.
 */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { commandUnderTest, startProgram } from "../support/server.ts";

const CONSUMERS = 1_000_000;
const BATCH = 1000;
/** Of each `STRIDE` consumers one is renewed, one is released, and the others stay untouched. */
const STRIDE = 10;
const [RENEWED, RELEASED] = [1, 2];

async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Sends many requests with replies of one line each, and waits for all replies. */
async function requestMany(conn: Deno.Conn, lines: Iterable<string>): Promise<void> {
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

/** Counts each consumer in a reply, and keeps the start and the end of the reply. */
class Tally {
  readonly counts = new Uint8Array(CONSUMERS);
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
    const end = Math.max(all.lastIndexOf("\n"), all.lastIndexOf(",")); // after the last whole name
    for (const [, user] of all.slice(0, end).matchAll(/\buser-(\d+)/g)) {
      this.counts[Number(user)]!++;
    }
    this.#rest = all.slice(end);
  }
}

/** Requests a listing, while another client sends other requests until the listing is complete. */
async function listUnderLoad(address: Deno.ConnectOptions, request: string): Promise<Tally> {
  using conn = await Deno.connect(address);
  using other = await LineClient.dial(address as { hostname: string; port: number });
  const tally = new Tally();
  let [isComplete, between] = [false, 0];
  await send(conn, `${request}\r\n`);
  await conn.closeWrite();
  const reading = (async () => {
    const buffer = new Uint8Array(256 * 1024);
    for (let count; (count = await conn.read(buffer)) !== null;) {
      tally.add(textOf(buffer, 0, count));
    }
    isComplete = true;
  })();
  for (let step = 1; !isComplete; step += 7919) {
    const at = (step * STRIDE) % CONSUMERS;
    for (
      const line of [
        `consume farm user-${at + RENEWED}`,
        `release farm user-${at + RELEASED}`,
        `consume farm guest-${step}`,
      ]
    ) {
      assert((await other.ask(line)).startsWith("LOOKY/1.0 200 OK"), line);
      if (tally.length > 0 && !isComplete) between++;
    }
  }
  await reading;
  assert(between > 0, "other clients are answered between the pieces");
  return tally;
}

function assertOnce({ counts }: Tally): void {
  const isWrong = (number: number, i: number) =>
    i % STRIDE === RELEASED ? number > 1 : number !== 1;
  assertEquals(
    counts.findIndex(isWrong),
    -1,
    "a consumer that stays is listed once, a released one at most once",
  );
}

Deno.test("a million consumers are listed while others are served", async () => {
  await using server = await startProgram(commandUnderTest());
  const address = server.looky;
  using conn = await Deno.connect(address);
  await requestMany(conn, ["add-pool farm", `set-resource farm host ${3 * CONSUMERS}`]);
  for (let from = 0; from < CONSUMERS; from += BATCH) {
    await requestMany(
      conn,
      Array.from({ length: BATCH }, (_, i) => `consume farm user-${from + i}`),
    );
  }
  const lines = await listUnderLoad(address, "print-resource farm host");
  assertOnce(lines);
  assertEquals(lines.head.split("\r\n")[0], "LOOKY/1.0 201 OK:multiline=yes");
  assert(lines.tail.endsWith("\r\n}\r\n\r\n"), "the reply is complete");

  const json = await listUnderLoad(address, "!print-resource host");
  assertOnce(json);
  assert(json.tail.endsWith("}}}\r\n"), "the reply is complete");
  const [head, length] = /^LOOKY\/1\.0 202 OK:format=json,length=(\d+)\r\n/.exec(json.head) ?? [];
  assertEquals(json.length, head!.length + Number(length) + 2);
});
