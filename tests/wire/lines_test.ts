/** Splitting bytes into lines: the same lines for any chunks, and no line over the limit. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { type Line, LineReader, OVERLONG } from "../../lib/wire/lines.ts";
import { assertEquals } from "../support/assert.ts";
import { CUTS, randomCut } from "../support/chunks.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

const LIMIT = 8;
const ALL_BUT_LF = textOf(Uint8Array.from({ length: 256 }, (_, byte) => byte)).replace("\n", "");

/** Whole lines only; open lines are tested below. */
const CASES: [bytes: string, lines: Line[]][] = [
  ["", []],
  ["a\n", ["a"]],
  ["a\nb\nc\n", ["a", "b", "c"]],
  ["a\r\nb\r\n", ["a", "b"]],
  ["a\nb\r\nc\n", ["a", "b", "c"]],
  ["\n", [""]],
  ["\r\n", [""]],
  ["\n\n\r\n\na\n\n", ["", "", "", "", "a", ""]],
  ["a\rb\n", ["a\rb"]],
  ["\ra\n", ["\ra"]],
  ["a\r\r\n", ["a\r"]],
  ["\r\r\n", ["\r"]],
  ["a\n\rb\n", ["a", "\rb"]],
  [" a \n\ta\t\n", [" a ", "\ta\t"]],
  ["a\0b\n\0\n", ["a\0b", "\0"]],
  ["\x80\x85\xa0\n\xff\xfe\r\n\xc3\xa0\n", ["\x80\x85\xa0", "\xff\xfe", "\xc3\xa0"]],
  ["12345678\n", ["12345678"]],
  ["123456789\n", [OVERLONG]],
  ["12345678\r\n", ["12345678"]],
  ["123456789\r\n", [OVERLONG]],
  ["1234567\r\r\n", ["1234567\r"]],
  ["12345678\r\r\n", [OVERLONG]],
  ["12345678\r9\n", [OVERLONG]],
  ["\xff\xff\xff\xff\xff\xff\xff\xff\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\n", [
    "\xff\xff\xff\xff\xff\xff\xff\xff",
    OVERLONG,
  ]],
  ["a\n123456789012345678901234567890\nb\n", ["a", OVERLONG, "b"]],
  ["123456789\n123456789\r\n\n12345678\n", [OVERLONG, OVERLONG, "", "12345678"]],
];

/** Returns the lines read after each chunk. Overwrites each chunk once it is pushed. */
function readAll(reader: LineReader, chunks: readonly Uint8Array[]): Line[] {
  const lines: Line[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    chunk.fill(0x58);
    lines.push(...rest(reader));
  }
  return lines;
}

function rest(reader: LineReader): Line[] {
  const lines = [];
  for (let line = reader.next(); line !== undefined; line = reader.next()) lines.push(line);
  return lines;
}

for (const [title, cut] of CUTS) {
  Deno.test(`LineReader reads lines ${title}`, () => {
    for (const [bytes, lines] of CASES) {
      const reader = new LineReader(LIMIT);
      assertEquals(readAll(reader, cut(bytesOf(bytes))), lines, JSON.stringify(bytes));
      reader.finish();
      assertEquals(rest(reader), [], JSON.stringify(bytes));
    }
  });

  Deno.test(`LineReader keeps an open line until its end arrives, ${title}`, () => {
    for (const [bytes, lines] of CASES) {
      const reader = new LineReader(LIMIT);
      assertEquals(readAll(reader, cut(bytesOf(`${bytes}tail`))), lines, JSON.stringify(bytes));
      assertEquals(readAll(reader, cut(bytesOf("-end\n"))), ["tail-end"], JSON.stringify(bytes));
    }
  });

  Deno.test(`LineReader.finish() ends an open line, and adds none otherwise, ${title}`, () => {
    const cases: typeof CASES = [
      ["", []],
      ["a", ["a"]],
      ["\xff\0", ["\xff\0"]],
      ["12345678", ["12345678"]],
      ["123456789", [OVERLONG]],
      ["12345678901234567890", [OVERLONG]],
    ];
    for (const [bytes, lines] of cases) {
      const reader = new LineReader(LIMIT);
      assertEquals(readAll(reader, cut(bytesOf(`before\n${bytes}`))), ["before"]);
      for (const expected of [lines, []]) {
        reader.finish();
        assertEquals(rest(reader), expected, JSON.stringify(bytes));
      }
    }
  });

  Deno.test(`LineReader drops a line over the limit and reports it once at its end, ${title}`, () => {
    const reader = new LineReader(LIMIT);
    for (let round = 0; round < 3; round++) {
      assertEquals(readAll(reader, cut(bytesOf("123456789 g foo"))), []);
    }
    assertEquals(readAll(reader, cut(bytesOf(" g foo\ng bar\n"))), [OVERLONG, "g bar"]);
  });

  Deno.test(`LineReader keeps every byte but LF, ${title}`, () => {
    const reader = new LineReader(ALL_BUT_LF.length);
    const line = `${ALL_BUT_LF}\n`;
    const chunks = cut(bytesOf(line.repeat(3)));
    assertEquals(readAll(reader, chunks), [ALL_BUT_LF, ALL_BUT_LF, ALL_BUT_LF]);
  });
}

Deno.test("LineReader reads a long line that arrives in many chunks", () => {
  const chunk = "x".repeat(999);
  const reader = new LineReader(999_000);
  const long = Array.from({ length: 1000 }, () => bytesOf(chunk));
  assertEquals(readAll(reader, [...long, bytesOf("\r\nshort\n")]), [chunk.repeat(1000), "short"]);
  assertEquals(readAll(reader, long.map(() => bytesOf(chunk))), []);
  assertEquals(readAll(reader, [bytesOf("x\nshort\n")]), [OVERLONG, "short"]);
});

/** Returns the lines of a text; slow and obvious, for comparison. */
function linesOf(text: string): Line[] {
  const ended = text.split("\n").map((line) => line.replace(/\r$/, ""));
  return ended.map((line) => line.length > LIMIT ? OVERLONG : line);
}

Deno.test("LineReader reads the same lines for any chunks", () => {
  const parts = ["\n", "\r\n", "\r", "a", "\0", "\x80", "\xff", "1234567", "12345678"];
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 3_000; round++) {
      const text = Array.from({ length: below(random, 30) }, () => pick(random, parts)).join("");
      const chunks = randomCut(random, 1 + below(random, 20))(bytesOf(`${text}.`));
      const message = `seed ${seed}, round ${round}: ${JSON.stringify(text)}`;
      const reader = new LineReader(LIMIT);
      const lines = readAll(reader, chunks);
      reader.finish();
      assertEquals([...lines, ...rest(reader)], linesOf(`${text}.`), message);
    }
  }
});
