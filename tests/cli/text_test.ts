/** Times as people write and read them, text that a terminal gets, tables, the line of a wait. */
import { columns, cut, harmless, widthOf } from "../../lib/cli/terminal_text.ts";
import { readTime, writeAgo, writeSpan } from "../../lib/cli/durations.ts";
import { waitText } from "../../lib/cli/run/wait_line.ts";
import type { Holder, LockInfo, Waiter } from "../../lib/client/types.ts";
import { familyOf, readProcesses } from "../../lib/cli/run/process_tree.ts";
import { UsageError } from "../../lib/server/flags.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";

Deno.test("times are read with units, and as seconds without", () => {
  const read = ["0", "5", "1.5", "250ms", "30s", "5m", "1h30m", "2d", "0.5h"]
    .map((text) => readTime("--wait", text));
  assertEquals(read, [0, 5000, 1500, 250, 30_000, 300_000, 5_400_000, 172_800_000, 1_800_000]);
  for (const text of ["", "s", "5 s", "5x", "-5", "1e3", "forever", "30s5"]) {
    assertThrows(() => readTime("--wait", text), UsageError, "is a time");
  }
  assertThrows(() => readTime("--wait", "25d"), UsageError, "at most 24d");
});

Deno.test("spans are rough", () => {
  const spans = [-5, 999, 59_999, 60_000, 3_599_999, 3_600_000, 47 * 3_600_000, 48 * 3_600_000];
  assertEquals(spans.map(writeSpan), ["0s", "0s", "59s", "1m", "59m", "1h", "47h", "2d"]);
  assertEquals(writeAgo(0, 180_000), "3m ago");
});

Deno.test("what a terminal might obey is written out", () => {
  assertEquals(harmless("a\x1b[2J\r\n\x07\x9bz"), "a\\x1b[2J\\x0d\\x0a\\x07\\x9bz");
  assertEquals(harmless("abc\u202edef\u200b"), "abc\\u202edef\\u200b");
  assertEquals(harmless("\ud800"), "\\ud800");
  assertEquals(harmless("Größe 日本 🔒"), "Größe 日本 🔒");
});

Deno.test("text is measured and cut by cells", () => {
  assertEquals([widthOf("abc"), widthOf("日本"), widthOf("e\u0301"), widthOf("🔒")], [3, 4, 1, 2]);
  assertEquals(cut("abcdef", 6), "abcdef");
  assertEquals(cut("abcdef", 4), "abc…");
  assertEquals(cut("日本語", 4), "日…");
  assertEquals(cut("abc", 0), "");
});

Deno.test("columns are as wide as their widest cell", () => {
  assertEquals(columns([["A", "B"], ["日本", "x"], ["c", ""]]), "A     B\n日本  x\nc\n");
});

const holder: Holder = {
  name: "alice@build-7:4711",
  address: "10.0.0.7:50112",
  mode: "exclusive",
  token: 7,
  since: 1_000_000,
};

function waiter(name: string, waited: number): Waiter {
  return { name, address: "10.0.0.8:1", mode: "exclusive", waited, priority: 0 };
}

function text(info: LockInfo | undefined, names = ["backup"]): string {
  return waitText(names, info, { name: "me", shared: false }, 12_000, 1_180_000);
}

Deno.test("the line of a wait tells who has it, since when, why, and our place", () => {
  const queue = [waiter("bob", 20_000), waiter("me", 11_900), waiter("me", 3000)];
  const info = { name: "backup", mode: "exclusive", queue } as const;
  assertMatch(
    text({ ...info, holders: [{ ...holder, why: "nightly\x1b[31m" }] }),
    /^Waiting for backup \(12s, place 2 of 3\): held by alice@build-7:4711 since \d\d:\d\d:\d\d \(3m\), nightly\\x1b\[31m$/,
  );
});

Deno.test("the line of a wait goes without what nobody tells", () => {
  assertEquals(text(undefined), "Waiting for backup (12s)");
  const info = { name: "b", mode: "exclusive", holders: [], queue: [waiter("me", 1)] } as const;
  assertEquals(text(info, ["a", "b"]), "Waiting for a, b (12s, place 1 of 1)");
});

Deno.test("the line of a wait for several names tells which is taken, and by how many", () => {
  const holders = [holder, { ...holder, absent: true } as const];
  const line = text({ name: "b", mode: "exclusive", holders, queue: [] }, ["a", "b"]);
  assert(line.includes("(12s): b is held by alice@build-7:4711 and 1 more since "), line);
});

Deno.test("a command's family is all that it started, and nobody else", () => {
  const all = readProcesses(
    "    1     0     1 Ss\n  10     1    10 S\n  11    10    10 S+\n 12 11 10 R\n" +
      "  13    12    13 Sl\n  14    10    10 Z\n  20     1    20 S\n",
  );
  assertEquals(familyOf(10, all).map(({ pid }) => pid), [11, 12, 13]);
  assertEquals(familyOf(99, all), []);
});

Deno.test("one very long name does not widen all rows", () => {
  const rows = [["x".repeat(1_000_000), "a"], ["b", "y".repeat(1_000_000)]];
  assert(columns(rows).length < 1000);
});
