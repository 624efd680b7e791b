/** Durations, text for terminals, columns, the wait line, process trees. */
import { escapeControls, formatColumns, truncate, widthOf } from "../../lib/cli/terminal_text.ts";
import { formatAgo, formatDuration } from "../../lib/cli/durations.ts";
import { waitText } from "../../lib/cli/run/wait_line.ts";
import type { Holder, LockInfo, Waiter } from "../../lib/client/types.ts";
import { descendantsOf, readProcesses } from "../../lib/cli/run/process_tree.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";

Deno.test("formatDuration() rounds down to one unit", () => {
  const durationsMs = [
    -5,
    999,
    59_999,
    60_000,
    3_599_999,
    3_600_000,
    47 * 3_600_000,
    48 * 3_600_000,
  ];
  assertEquals(durationsMs.map(formatDuration), [
    "0s",
    "0s",
    "59s",
    "1m",
    "59m",
    "1h",
    "47h",
    "2d",
  ]);
  assertEquals(formatAgo(0, 180_000), "3m ago");
});

Deno.test("escapeControls() escapes characters that a terminal may act on", () => {
  assertEquals(escapeControls("a\x1b[2J\r\n\x07\x9bz"), "a\\x1b[2J\\x0d\\x0a\\x07\\x9bz");
  assertEquals(escapeControls("abc\u202edef\u200b"), "abc\\u202edef\\u200b");
  assertEquals(escapeControls("\ud800"), "\\ud800");
  assertEquals(escapeControls("Größe 日本 🔒"), "Größe 日本 🔒");
});

Deno.test("widthOf() and truncate() count the cells of a terminal", () => {
  assertEquals([widthOf("abc"), widthOf("日本"), widthOf("e\u0301"), widthOf("🔒")], [3, 4, 1, 2]);
  assertEquals(truncate("abcdef", 6), "abcdef");
  assertEquals(truncate("abcdef", 4), "abc…");
  assertEquals(truncate("日本語", 4), "日…");
  assertEquals(truncate("abc", 0), "");
});

Deno.test("formatColumns() makes columns as wide as their widest cell", () => {
  assertEquals(formatColumns([["A", "B"], ["日本", "x"], ["c", ""]]), "A     B\n日本  x\nc\n");
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
  return waitText(names, info, "me", 12_000, 1_180_000);
}

Deno.test("waitText() shows the holder, since when and why, and the position in the wait queue", () => {
  const queue = [waiter("bob", 20_000), waiter("me", 11_900), waiter("me", 3000)];
  const info = { name: "backup", mode: "exclusive", queue } as const;
  assertMatch(
    text({ ...info, holders: [{ ...holder, why: "nightly\x1b[31m" }] }),
    /^Waiting for backup \(12s, position 2 of 3\): held by alice@build-7:4711 since \d\d:\d\d:\d\d \(3m\), nightly\\x1b\[31m$/,
  );
});

Deno.test("waitText() leaves out what is not known", () => {
  assertEquals(text(undefined), "Waiting for backup (12s)");
  const info = { name: "b", mode: "exclusive", holders: [], queue: [waiter("me", 1)] } as const;
  assertEquals(text(info, ["a", "b"]), "Waiting for a, b (12s, position 1 of 1)");
});

Deno.test("waitText() for several locks names the one that is held, and counts its holders", () => {
  const holders = [holder, { ...holder, absent: true } as const];
  const line = text({ name: "b", mode: "exclusive", holders, queue: [] }, ["a", "b"]);
  assert(line.includes("(12s): b is held by alice@build-7:4711 and 1 more since "), line);
});

Deno.test("descendantsOf() returns what a process started, without zombies", () => {
  const all = readProcesses(
    "    1     0     1 Ss\n  10     1    10 S\n  11    10    10 S+\n 12 11 10 R\n" +
      "  13    12    13 Sl\n  14    10    10 Z\n  20     1    20 S\n",
  );
  assertEquals(descendantsOf(10, all).map(({ pid }) => pid), [11, 12, 13]);
  assertEquals(descendantsOf(99, all), []);
});

Deno.test("formatColumns() truncates very long names", () => {
  const rows = [["x".repeat(1_000_000), "a"], ["b", "y".repeat(1_000_000)]];
  assert(formatColumns(rows).length < 1000);
});
