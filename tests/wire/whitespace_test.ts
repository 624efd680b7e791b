/** White space: exactly the characters of Go, found in bytes, and never a part of a letter. */
import { isUtf8 } from "node:buffer";
import { collapseWhitespace, trimWhitespace } from "../../lib/wire/whitespace.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

/** Every member of Go's `unicode.IsSpace`. */
// deno-fmt-ignore
const BLANK_CODES = [
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680,
  0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a,
  0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
];
const BLANKS = BLANK_CODES.map(utf8);

/** Returns the UTF-8 bytes of a character, as text. */
function utf8(code: number): string {
  return textOf(new TextEncoder().encode(String.fromCodePoint(code)));
}

/** All characters except surrogates, which have no UTF-8. */
function* allCodes(): Generator<number> {
  for (let code = 0; code <= 0x10ffff; code++) if (code >> 11 !== 0x1b) yield code;
}

Deno.test("trimWhitespace() and collapseWhitespace() handle all of Go's blanks and no other character", () => {
  const trimmed = [];
  const folded = [];
  for (const code of allCodes()) {
    const character = utf8(code);
    if (trimWhitespace(character) === "") trimmed.push(code);
    if (collapseWhitespace(`a${character}b`) === "a b") folded.push(code);
  }
  assertEquals(trimmed, BLANK_CODES);
  assertEquals(folded, BLANK_CODES);
});

Deno.test("trimWhitespace() removes blanks at both ends only", () => {
  for (const blank of BLANKS) {
    const inside = `a${blank}${blank}b`;
    for (const ends of [blank, blank + blank, ` ${blank}`, `${blank}\t`, BLANKS.join("")]) {
      assertEquals(trimWhitespace(ends + inside), inside);
      assertEquals(trimWhitespace(inside + ends), inside);
      assertEquals(trimWhitespace(ends + inside + ends), inside);
      assertEquals(trimWhitespace(ends), "");
    }
  }
  assertEquals(trimWhitespace(""), "");
});

Deno.test("collapseWhitespace() replaces each run by one space, and removes those at the ends", () => {
  for (const blank of BLANKS) {
    for (const run of [blank, blank + blank, ` ${blank}`, `${blank}\t`, BLANKS.join("")]) {
      assertEquals(collapseWhitespace(`${run}a${run}b${run}c${run}`), "a b c");
      assertEquals(collapseWhitespace(run), "");
    }
  }
  assertEquals(collapseWhitespace(""), "");
  assertEquals(collapseWhitespace("a"), "a");
});

Deno.test("trimWhitespace() and collapseWhitespace() keep bytes that only resemble a blank", () => {
  const kept = [
    ...[0xfeff, 0x200b, 0x180e, 0x1c, 0x1d, 0x1e, 0x1f, 0].map(utf8),
    "\xa0", // a part of U+00A0
    "\x85", // a part of U+0085
    "\xc2",
    "\xe3\x80",
    "\x80\x80",
    "\xc3\xa0", // "à"
    "\xc3\x85", // "Å"
    "\xe0\xa0\x85",
    "\xf0\x90\x80\x80",
  ];
  for (const text of kept) {
    for (const given of [text, text + text, `a${text}`, `${text}a`, `a${text}b`]) {
      assertEquals(trimWhitespace(given), given);
      assertEquals(collapseWhitespace(given), given);
      assertEquals(trimWhitespace(` ${given}\t`), given);
      assertEquals(collapseWhitespace(` ${given}\t`), given);
    }
  }
});

/** Returns the characters of `text` as Go decodes them: an invalid byte is a character. */
function charactersOf(text: string): string[] {
  const bytes = bytesOf(text);
  const characters = [];
  for (let from = 0; from < bytes.length;) {
    const sizes = [1, 2, 3, 4].filter((size) => from + size <= bytes.length);
    const size = sizes.find((size) => isUtf8(bytes.slice(from, from + size))) ?? 1;
    characters.push(text.slice(from, from + size));
    from += size;
  }
  return characters;
}

function collapseSlowly(text: string): string {
  const words = [""];
  for (const character of charactersOf(text)) {
    if (BLANKS.includes(character)) words.push("");
    else words.push(words.pop() + character);
  }
  return words.filter((word) => word !== "").join(" ");
}

function trimSlowly(text: string): string {
  const characters = charactersOf(text);
  while (characters.length > 0 && BLANKS.includes(characters[0]!)) characters.shift();
  while (characters.length > 0 && BLANKS.includes(characters.at(-1)!)) characters.pop();
  return characters.join("");
}

Deno.test("trimWhitespace() and collapseWhitespace() agree with a decoder of single characters", () => {
  const parts = [..." \t\ra\x00\x1f", ...BLANKS.join(""), ...BLANKS, "\xc3\xa0", "\xf0", "\xff"];
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 10_000; round++) {
      const text = Array.from({ length: below(random, 12) }, () => pick(random, parts)).join("");
      const message = `seed ${seed}, round ${round}: ${JSON.stringify(text)}`;
      assertEquals(trimWhitespace(text), trimSlowly(text), message);
      assertEquals(collapseWhitespace(text), collapseSlowly(text), message);
    }
  }
});

// The longest line that can be configured is 4 MiB; the regular expression overflows at 8 Mi
// blanks.
for (const length of [1_000_000, 4 * 1024 * 1024]) {
  Deno.test(`trimWhitespace() and collapseWhitespace() handle runs of ${length} blanks`, () => {
    for (const blank of [" ", "\xe3\x80\x80"]) {
      const run = blank.repeat(length / blank.length);
      assert(trimWhitespace(run) === "");
      assert(trimWhitespace(`${run}a`) === "a");
      assert(trimWhitespace(`a${run}`) === "a");
      assert(trimWhitespace(`a${run}b`) === `a${run}b`);
      assert(collapseWhitespace(run) === "");
      assert(collapseWhitespace(`a${run}b`) === "a b");
    }
  });
}
