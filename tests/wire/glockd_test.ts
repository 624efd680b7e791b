/** Reading and writing glockd requests and replies. */
import {
  CRLF,
  glockd,
  LF,
  readRequest,
  readStatus,
  writeEntries,
  writeEntry,
  writeMap,
  writeRequest,
  writeStatus,
} from "../../lib/wire/glockd.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** Names with white space collapsed, as in a parse request. */
const NAMES = [
  "foo",
  "a b",
  "a: b",
  "a: : b",
  ":",
  "1 Lock Get Success: a",
  "\0\x1b\x7f\"'[]{}",
  "\xa0\x85\x80\xff",
  "\xc3\xa0\xc3\x85",
  "__proto__",
  "Foo",
  "x".repeat(100_000),
];

/** Returns the parts of a request that this protocol has. */
function parse(line: string): { verb: string; rest: string } {
  const { verb, rest } = readRequest(line);
  return { verb, rest };
}

Deno.test("readRequest() splits at the first space and collapses white space in the rest", () => {
  const cases: [line: string, verb: string, rest: string][] = [
    ["g foo", "g", "foo"],
    ["  g  foo ", "g", "foo"],
    ["\t g foo", "g", "foo"],
    ["\xc2\xa0g foo\xe3\x80\x80", "g", "foo"],
    ["g foo\r", "g", "foo"],
    ["g     foo", "g", "foo"],
    ["g  foo\tbar ", "g", "foo bar"],
    ["g foo \t\r\v\f bar  baz", "g", "foo bar baz"],
    ["g foo\xc2\x85bar", "g", "foo bar"],
    ["g \tfoo", "g", "foo"],
    ["g\tfoo", "g\tfoo", ""],
    ["g\tfoo bar", "g\tfoo", "bar"],
    ["g\t foo", "g\t", "foo"],
    ["g\xc2\xa0foo", "g\xc2\xa0foo", ""],
    ["g\rfoo", "g\rfoo", ""],
    ["g", "g", ""],
    ["g ", "g", ""],
    ["g \t \xe2\x80\x83", "g", ""],
    ["", "", ""],
    [" \t\r ", "", ""],
    ["G Foo", "G", "Foo"],
    ["GET foo", "GET", "foo"],
    ["nonsense a b", "nonsense", "a b"],
    ["g \xa0", "g", "\xa0"],
    ["g a\x85b", "g", "a\x85b"],
    ["g caf\xc3\xa0 \xc3\x85", "g", "caf\xc3\xa0 \xc3\x85"],
    ["g \xef\xbb\xbf", "g", "\xef\xbb\xbf"],
    ['g a\0b \x1b"', "g", 'a\0b \x1b"'],
    ["g __proto__", "g", "__proto__"],
    ["constructor", "constructor", ""],
  ];
  for (const [line, verb, rest] of cases) {
    assertEquals(parse(line), { verb, rest }, JSON.stringify(line));
  }
});

Deno.test("writeRequest() writes what readRequest() reads", () => {
  for (const verb of ["g", "who", "dump"]) {
    for (const rest of ["", ...NAMES]) {
      const line = writeRequest({ verb, rest });
      assert(line.endsWith(LF));
      assertEquals(parse(line.slice(0, -1)), { verb, rest });
    }
  }
  assertEquals(writeRequest({ verb: "g", rest: "foo bar" }), "g foo bar\n");
  assertEquals(writeRequest({ verb: "me", rest: "" }), "me\n");
});

Deno.test("writeStatus() writes code, phrase, name and the given line end", () => {
  const success = "Lock Get Success";
  assertEquals(writeStatus(1, success, "foo", CRLF), "1 Lock Get Success: foo\r\n");
  assertEquals(writeStatus(1, success, "foo", LF), "1 Lock Get Success: foo\n");
  assertEquals(
    writeStatus(12, "Shared Lock Is Locked", "", CRLF),
    "12 Shared Lock Is Locked: \r\n",
  );
});

Deno.test("readStatus() reads what writeStatus() wrote, with or without its line end", () => {
  for (const code of [0, 1, 2, 12345]) {
    for (const phrase of ["Lock Get Success", "Shared Lock Not Locked"]) {
      for (const name of ["", ": ", ...NAMES]) {
        for (const end of [LF, CRLF] as const) {
          const line = writeStatus(code, phrase, name, end);
          assertEquals(readStatus(line), { code, phrase, name });
          assertEquals(readStatus(line.slice(0, -end.length)), { code, phrase, name });
        }
      }
    }
  }
});

Deno.test("readStatus() returns undefined for any other line", () => {
  const others = [
    "",
    "\n",
    "1",
    "1 ok\n",
    "0 disabled\n",
    "map[]\n",
    "connections: 1\n",
    "-1 Lock Get Success: a\n",
    "one Lock Get Success: a\n",
    " 1 Lock Get Success: a\n",
    "1 : a\n",
    "1 Lock Get Success:a\n",
    "1 Lock Get Success: a\n\n",
    "1 Lock Get Success: a\nb\n",
  ];
  for (const line of others) assertEquals(readStatus(line), undefined, JSON.stringify(line));
});

Deno.test("writeEntry() writes one line and escapes nothing", () => {
  assertEquals(writeEntry("connections", 3), "connections: 3\n");
  assertEquals(writeEntry("a: b", "127.0.0.1:1"), "a: b: 127.0.0.1:1\n");
  assertEquals(writeEntry("", "\xff"), ": \xff\n");
});

Deno.test("writeMap() sorts by the bytes of the names, and omits names without a value", () => {
  const map = (names: readonly (string | undefined)[], value = "[x y]") =>
    [...writeMap(names, (name) => name.startsWith("gone") ? undefined : value)].join("");
  assertEquals(map([]), "map[]\n");
  assertEquals(map([undefined, "gone"]), "map[]\n");
  assertEquals(map(["a"], "127.0.0.1:1"), "map[a:127.0.0.1:1]\n");
  const sorted = ["", "\0", " ", "10", "9", "B", "__proto__", "a", "a b", "aa", "z", "\x80"];
  sorted.push("\xc3\xa0", "\xff");
  const text = `map[${sorted.map((name) => `${name}:[x y]`).join(" ")}]\n`;
  assertEquals(map(sorted), text);
  assertEquals(map(sorted.toReversed()), text);
  assertEquals(map([...sorted.slice(5), undefined, "gone 1", ...sorted.slice(0, 5)]), text);
});

Deno.test("writeEntries() yields a line for each value that a name has at that time", () => {
  const values: Record<string, string[]> = { a: ["x", "y"], b: [], "": ["z"] };
  const lines = [...writeEntries(["a", undefined, "b", ""], (name) => values[name]!)].join("");
  assertEquals(lines, "a: x\na: y\n: z\n");
});

Deno.test('glockd parses with readRequest() and replies only to the refusal "disabled"', () => {
  assertEquals(glockd.parse(" g  foo"), readRequest("g foo"));
  assertEquals(glockd.refuse("disabled", ""), "0 disabled\n");
  assertEquals(glockd.refuse("unknown", ""), "");
  assertEquals(glockd.refuse("overlong", ""), "");
});
