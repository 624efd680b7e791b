/**
 * Whole numbers, ratios, seed methods and modes: valid and invalid texts, and how modes are
 * written.
 */
import {
  readMode,
  readRatio,
  readSeed,
  readWhole,
  writeMode,
} from "../../lib/wire/looky_values.ts";
import { textOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, seededRandom, someSeeds } from "../support/random.ts";

/** Texts that are not numbers of any kind. */
const INVALID_NUMBERS = [
  "",
  "-",
  "+1",
  "--1",
  "1-",
  " 1",
  "1 ",
  "1\n",
  "1e3",
  "1E3",
  "0x10",
  "0b1",
  "1_000",
  "1,5",
  "1n",
  "NaN",
  "Infinity",
  "-Infinity",
  "one",
  "1a",
  "1.2.3",
  textOf(new TextEncoder().encode("١")), // a digit, but not an ASCII digit
  "\xb2",
];

Deno.test("readWhole() reads an optional minus and decimal digits, up to 2147483647", () => {
  const cases: [text: string, number: number][] = [
    ["0", 0],
    ["00", 0],
    ["7", 7],
    ["007", 7],
    ["-7", -7],
    ["-007", -7],
    ["2147483647", 2147483647],
    ["0000000000002147483647", 2147483647],
    ["-2147483648", -2147483648],
    ["-99999999999", -99999999999],
  ];
  for (const [text, number] of cases) assertEquals(readWhole(text), number, text);
  for (const text of ["2147483648", "4294967296", "9007199254740993", "9".repeat(400)]) {
    assertEquals(readWhole(text), undefined, text);
  }
  for (const text of [...INVALID_NUMBERS, "1.0", "1.", ".5", "-1.5"]) {
    assertEquals(readWhole(text), undefined, JSON.stringify(text));
  }
});

Deno.test("readWhole() returns undefined below the minimum", () => {
  assertEquals(readWhole("0", 0), 0);
  assertEquals(readWhole("-1", 0), undefined);
  assertEquals(readWhole("1", 1), 1);
  assertEquals(readWhole("0", 1), undefined);
  assertEquals(readWhole("-99999999999", 0), undefined);
  assertEquals(readWhole("2147483648", 0), undefined);
});

Deno.test("readRatio() reads an optional fraction and rounds to ten-thousandths, halves up", () => {
  const cases: [text: string, tenThousandths: number][] = [
    ["1", 10_000],
    ["01", 10_000],
    ["1.0", 10_000],
    ["1.15", 11_500],
    ["0.5", 5_000],
    ["1.25", 12_500],
    ["0.0001", 1],
    ["0.3333", 3_333],
    ["0.33333", 3_333],
    ["0.66666", 6_667],
    ["1.00004", 10_000],
    ["1.00005", 10_001],
    ["1.00005000", 10_001],
    ["1.000049999999999999999999", 10_000],
    ["1.000050000000000000000001", 10_001],
    ["1.00014", 10_001],
    ["1.00015", 10_002],
    ["1.00025", 10_003],
    ["1.00545", 10_055], // as binary fractions, these halves are slightly less or more
    ["1.00535", 10_054],
    ["0.99995", 10_000],
    ["9.99999", 100_000],
    ["0.00005", 1],
    ["0.000051", 1],
    ["2147483647", 21_474_836_470_000],
    ["2147483647.0", 21_474_836_470_000],
    ["2147483646.99995", 21_474_836_470_000],
    ["1000000.0001", 10_000_000_001],
  ];
  for (const [text, ratio] of cases) assertEquals(readRatio(text), ratio, text);
});

Deno.test("readRatio() returns undefined for a ratio that rounds to 0, or another form", () => {
  for (const text of ["0", "0.0", "0.00001", "0.00004", "0.000049999999999999999", "000.0000"]) {
    assertEquals(readRatio(text), undefined, text);
  }
  for (const text of [...INVALID_NUMBERS, "1.", ".5", ".", "-1", "-0.5", "1.5.", "1.-5", "1. 5"]) {
    assertEquals(readRatio(text), undefined, JSON.stringify(text));
  }
  assertEquals(readRatio("2147483648"), undefined);
  assertEquals(readRatio("9".repeat(400)), undefined);
});

Deno.test("readRatio() rounds like exact arithmetic", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 5_000; round++) {
      const digits = 1 + below(random, 8);
      const whole = below(random, 1000);
      const fraction = String(below(random, 10 ** digits)).padStart(digits, "0");
      const exact = BigInt(`${whole}${fraction.padEnd(9, "0")}`); // in billionths
      const rounded = Number((exact + 50_000n) / 100_000n);
      const text = `${whole}.${fraction}`;
      const message = `seed ${seed}, round ${round}: ${text}`;
      assertEquals(readRatio(text), rounded === 0 ? undefined : rounded, message);
    }
  }
});

Deno.test("readSeed() reads the four seed methods, lower case", () => {
  for (const text of ["parallel", "serial", "weighted", "minimal"]) {
    assertEquals<string | undefined>(readSeed(text), text);
  }
  for (const text of ["", "Serial", "WEIGHTED", "random", "seria", "serial ", "__proto__", "0"]) {
    assertEquals(readSeed(text), undefined, text);
  }
});

Deno.test("readMode() reads sticky, queued and queued-DD with DD from 1", () => {
  const cases: [text: string, printed: string][] = [
    ["sticky", "sticky"],
    ["queued", "queued"],
    ["queued-1", "queued-1"],
    ["queued-7", "queued-7"],
    ["queued-007", "queued-7"],
    ["queued-10", "queued-10"],
    ["queued-2147483647", "queued-2147483647"],
    ["queued-0002147483647", "queued-2147483647"],
  ];
  for (const [text, printed] of cases) {
    const mode = readMode(text);
    assert(mode !== undefined, text);
    assertEquals(writeMode(mode), printed);
    assertEquals(readMode(printed), mode);
  }
  const others = [
    "",
    "Sticky",
    "QUEUED",
    "lifo",
    "queued-",
    "queued-0",
    "queued-000",
    "queued--1",
    "queued-+1",
    "queued-1.5",
    "queued-1e3",
    "queued-x",
    "queued-7 ",
    "queued 7",
    "queued7",
    "-7",
    "7",
    "sticky-7",
    "queued-2147483648",
    `queued-${"9".repeat(400)}`,
    "constructor",
  ];
  for (const text of others) assertEquals(readMode(text), undefined, JSON.stringify(text));
});
