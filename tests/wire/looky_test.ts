/** The Looky protocol as text: reading requests, writing replies and reading them back. */
import { isUtf8 } from "node:buffer";
import { collapseWhitespace } from "../../lib/wire/whitespace.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { escape, unescape } from "../../lib/wire/escapes.ts";
import {
  looky,
  type LookyErrorCode,
  readHead,
  readRequest,
  writeError,
  writeLines,
  writeNative,
  writeOk,
  writeOkHead,
  writeOkTail,
  writeRequest,
} from "../../lib/wire/looky.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

/** Returns the UTF-8 bytes of a text, one character each. */
function utf8(text: string): string {
  return textOf(new TextEncoder().encode(text));
}

/** Decodes bytes, which must be valid UTF-8. */
function decodeStrictly(text: string): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(text));
}

/** Every member of Go's `unicode.IsSpace` that a line can contain, as bytes. */
const BLANKS = [..."\t\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"]
  .concat(Array.from({ length: 11 }, (_, i) => String.fromCharCode(0x2000 + i)))
  .map(utf8);

/** Words that must not be split: parts of white space characters, and letters with such bytes. */
const NAMES = [
  "sales",
  "100.1.4.130",
  "a\xa0", // a part of U+00A0
  "a\x85",
  "\xa0",
  "\x85",
  "\xa0a\x85b\xa0",
  utf8("à"), // c3 a0
  utf8("Å"), // c3 85
  utf8("ключ"),
  utf8("\ufeff\u200b\u180e"),
  "\x1c\x1d\x1e\x1f\0\x7f",
  "a,b=c\\d:e",
  "\\s\\c\\\\",
  "!",
  "!a",
  "#",
  "__proto__",
  "constructor",
  "x".repeat(100_000),
];

interface ParsedRequest {
  readonly verb: string;
  readonly words: readonly string[];
  readonly native: boolean;
}

function parsed(line: string): ParsedRequest | undefined {
  const request = readRequest(line);
  if (request === undefined) return undefined;
  const { verb, words, native } = request;
  return { verb, words, native };
}

Deno.test("readRequest() splits a line at white space into a command and its arguments", () => {
  const cases: [line: string, verb: string, words: string[]][] = [
    ["status", "status", []],
    ["consume sales oliver", "consume", ["sales", "oliver"]],
    ["  consume\tsales \t oliver  ", "consume", ["sales", "oliver"]],
    ["consume sales oliver\r", "consume", ["sales", "oliver"]],
    ["consume sales\roliver", "consume", ["sales", "oliver"]],
    ["set-ratio sales 100.1.4.130 1.25", "set-ratio", ["sales", "100.1.4.130", "1.25"]],
    ["Status", "Status", []],
    ["STATUS now", "STATUS", ["now"]],
    ["a b c d e f g", "a", ["b", "c", "d", "e", "f", "g"]],
    ["consume sales a\\sb", "consume", ["sales", "a\\sb"]],
    ['consume sales "a b"', "consume", ["sales", '"a', 'b"']],
    ["__proto__ constructor", "__proto__", ["constructor"]],
  ];
  for (const [line, verb, words] of cases) {
    assertEquals(parsed(line), { verb, words, native: false }, JSON.stringify(line));
  }
});

Deno.test("readRequest() splits at every white space character of Go, alone and in runs", () => {
  for (const blank of BLANKS) {
    for (const run of [blank, blank + blank, ` ${blank}`, `${blank}\t`, BLANKS.join("")]) {
      const wanted = { verb: "consume", words: ["sales", "oliver"], native: false };
      const message = JSON.stringify(run);
      assertEquals(parsed(`consume${run}sales${run}oliver`), wanted, message);
      assertEquals(parsed(`${run}consume${run}sales${run}oliver${run}`), wanted, message);
    }
  }
});

Deno.test("readRequest() does not split names at parts of a white space character", () => {
  for (const name of NAMES) {
    for (const blank of [" ", "\t", "\xc2\xa0", "\xe3\x80\x80"]) {
      const wanted = { verb: "consume", words: [name, name], native: false };
      const line = `consume${blank}${name}${blank}${name}`;
      assertEquals(parsed(line), wanted, JSON.stringify(line.slice(0, 100)));
      assertEquals(parsed(`${line}${blank}`), wanted);
      assertEquals(parsed(`${line}\r`), wanted);
    }
  }
});

Deno.test('readRequest() reads "!" before the command, with or without white space after it', () => {
  const cases: [line: string, verb: string, words: string[], native: boolean][] = [
    ["!list-pool", "list-pool", [], true],
    ["! list-pool", "list-pool", [], true],
    [" !list-pool", "list-pool", [], true],
    ["\t! \t list-pool ", "list-pool", [], true],
    ["!\xc2\xa0list-pool", "list-pool", [], true],
    ["!print-pool sales", "print-pool", ["sales"], true],
    ["!\tprint-pool\tsales", "print-pool", ["sales"], true],
    ["print-pool !sales", "print-pool", ["!sales"], false],
    ["print-pool ! sales", "print-pool", ["!", "sales"], false],
    ["list-pool!", "list-pool!", [], false],
  ];
  for (const [line, verb, words, native] of cases) {
    assertEquals(parsed(line), { verb, words, native }, JSON.stringify(line));
  }
});

Deno.test('readRequest() returns no known command for "!" alone or twice', () => {
  for (const line of ["!", " ! ", "!\r", "!!", "!!list-pool", "! ! list-pool"]) {
    const { verb = "none", native } = parsed(line) ?? {};
    assert(native, JSON.stringify(line));
    assert(!/^[a-z]/.test(verb), `${JSON.stringify(line)} asks for "${verb}"`);
  }
});

Deno.test("readRequest() returns undefined for a blank line", () => {
  for (const line of ["", "\r", " ", "\t \r", ...BLANKS, BLANKS.join("")]) {
    assertEquals(readRequest(line), undefined, JSON.stringify(line));
    assertEquals(looky.parse(line), undefined, JSON.stringify(line));
  }
});

Deno.test("writeRequest() writes what readRequest() reads", () => {
  for (const native of [false, true]) {
    for (const words of [[], ["sales"], ["sales", "oliver"], NAMES]) {
      const line = writeRequest("print-pool", words, native);
      assert(line.endsWith("\r\n"));
      assertEquals(parsed(line.slice(0, -2)), { verb: "print-pool", words, native });
      assertEquals(parsed(line.slice(0, -1)), { verb: "print-pool", words, native });
    }
  }
  assertEquals(writeRequest("consume", ["a", "b"]), "consume a b\r\n");
  assertEquals(writeRequest("list-pool", [], true), "!list-pool\r\n");
});

Deno.test("writeOk() writes the version, the code, the verdict and the parameters", () => {
  const cases: [line: string, wanted: string][] = [
    [writeOk(), "LOOKY/1.0 200 OK\r\n"],
    [writeOk({}), "LOOKY/1.0 200 OK\r\n"],
    [writeOk({ resource: "100.1.4.130" }), "LOOKY/1.0 200 OK:resource=100.1.4.130\r\n"],
    [
      writeOk({ resource: "r1", date: "2003-04-18 / 12:20:26", expires: 1050661226 }),
      "LOOKY/1.0 200 OK:resource=r1,date=2003-04-18\\s/\\s12:20:26,expires=1050661226\r\n",
    ],
    [writeOk({ resource: "a,b\\c=d" }), "LOOKY/1.0 200 OK:resource=a\\cb\\\\c=d\r\n"],
    [writeOk({ resource: "" }), "LOOKY/1.0 200 OK:resource=\r\n"],
    [writeOkHead("a") + "b" + writeOkTail({ c: "d e", f: 1 }), writeOk({ a: "b", c: "d e", f: 1 })],
    [
      writeError(404, "there is no pool a,b"),
      "LOOKY/1.0 404 ERR:message=there\\sis\\sno\\spool\\sa\\cb\r\n",
    ],
  ];
  for (const [line, wanted] of cases) assertEquals(line, wanted);
});

Deno.test("writeError() writes the code and a message", () => {
  const codes: LookyErrorCode[] = [400, 403, 404, 409, 500, 503];
  for (const code of codes) {
    const line = writeError(code, "why, and what to do");
    assertEquals(line, `LOOKY/1.0 ${code} ERR:message=why\\c\\sand\\swhat\\sto\\sdo\r\n`);
    const parameters = new Map([["message", "why, and what to do"]]);
    assertEquals(readHead(line), { code, isOk: false, parameters });
  }
});

const ESCAPES: [value: string, text: string][] = [
  ["", ""],
  ["a", "a"],
  [",", "\\c"],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  [" ", "\\s"],
  ["\t", "\\t"],
  ["\r", "\\r"],
  ["cnstr", "cnstr"],
  ["\\c", "\\\\c"],
  ["\\s,", "\\\\s\\c"],
  ["\\\\", "\\\\\\\\"],
  ["2003-04-18 / 12:20:26", "2003-04-18\\s/\\s12:20:26"],
  ["a=b:c", "a=b:c"],
  ["\r\n\r\n", "\\r\\n\\r\\n"],
  ["\0\x1b\xff\xa0\x85", "\0\x1b\xff\xa0\x85"],
];

Deno.test("escape() escapes six characters, and unescape() reads them back", () => {
  for (const [value, text] of ESCAPES) {
    assertEquals(escape(value), text, JSON.stringify(value));
    assertEquals(unescape(text), value, JSON.stringify(text));
  }
});

/** Parts of difficult values. */
const PARTS = [..."a=:/,\\\n \t\r\v\0cnstr!\x85\xa0\xff", "\\c", "\r\n", utf8("ключ"), ",", "\\"];

function randomValue(random: () => number): string {
  return Array.from({ length: below(random, 12) }, () => pick(random, PARTS)).join("");
}

Deno.test("readHead() reads any values written by writeOk() and writeError()", () => {
  const keys = ["resource", "date", "expires", "message", "multiline", "length"];
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 5_000; round++) {
      const names = keys.filter(() => random() < 0.4);
      const entries = names.map((key): [string, string] => [key, randomValue(random)]);
      const line = writeOk(Object.fromEntries(entries));
      const message = `seed ${seed}, round ${round}: ${JSON.stringify(line)}`;
      const [, list] = /^LOOKY\/1\.0 200 OK(?::([^\r\n\t ]+))?\r\n$/.exec(line) ?? ["", "no head"];
      assertEquals(list?.split(",").map((pair) => pair.split("=", 1)[0]!) ?? [], names, message);
      const head = { code: 200, isOk: true, parameters: new Map(entries) };
      for (const end of ["\r\n", "\n", ""]) {
        assertEquals(readHead(line.slice(0, -2) + end), head, message);
      }
      const text = randomValue(random);
      const failure = readHead(writeError(503, text));
      assertEquals(failure, { code: 503, isOk: false, parameters: new Map([["message", text]]) });
    }
  }
});

Deno.test("readHead() reads the heads of the original's documentation", () => {
  const cases: [line: string, code: number, isOk: boolean, parameters: Record<string, string>][] = [
    ["LOOKY/1.0 201 OK:multiline=yes", 201, true, { multiline: "yes" }],
    ["LOOKY/1.0 200 OK", 200, true, {}],
    ["LOOKY/1.0 200 OK:", 200, true, {}],
    ["LOOKY/1.0 404 ERR:message=no\\spool", 404, false, { message: "no pool" }],
    ["LOOKY/2.11 299 OK:a=1,b=2\r\n", 299, true, { a: "1", b: "2" }],
  ];
  for (const [line, code, isOk, parameters] of cases) {
    assertEquals(readHead(line), { code, isOk, parameters: new Map(Object.entries(parameters)) });
  }
});

Deno.test("readHead() returns undefined for any other line", () => {
  const others = [
    "",
    "\r\n",
    "LOOKY/1.0",
    "LOOKY/1.0 200",
    "LOOKY/1.0 20 OK",
    "LOOKY/1.0 2000 OK",
    "LOOKY/1.0 200 ok",
    "LOOKY/1.0 200 OKAY",
    "LOOKY/1.0 200 OK multiline=yes",
    "HTTP/1.1 200 OK",
    "pool-list = [ admin, sales ]",
    " LOOKY/1.0 200 OK",
    "LOOKY/1.0 200 OK\r\nLOOKY/1.0 200 OK\r\n",
    "1 Lock Get Success: LOOKY/1.0 200 OK",
  ];
  for (const line of others) assertEquals(readHead(line), undefined, JSON.stringify(line));
});

Deno.test("writeLines() writes a head, the lines unescaped, and an empty line", () => {
  const head = "LOOKY/1.0 201 OK:multiline=yes\r\n";
  const cases: [lines: string[], body: string][] = [
    [[], ""],
    [["pool-list = [ ]"], "pool-list = [ ]\r\n"],
    [["a {", "   b = 1", "}"], "a {\r\n   b = 1\r\n}\r\n"],
    [["   a,b\\c\xff = \xa0"], "   a,b\\c\xff = \xa0\r\n"],
  ];
  for (const [lines, body] of cases) {
    assertEquals([...writeLines(lines)].join(""), `${head}${body}\r\n`);
  }
  assertEquals([...writeLines(new Set(["x"]))].join(""), `${head}x\r\n\r\n`);
});

/** Reads a native reply as a client would: the head gives the number of bytes. */
function readNative(reply: string): { body: string; value: unknown } {
  const end = reply.indexOf("\r\n") + 2;
  const head = readHead(reply.slice(0, end));
  assert(head !== undefined, JSON.stringify(reply.slice(0, 200)));
  assertEquals([head.code, head.isOk], [202, true]);
  assertEquals([...head.parameters.keys()], ["format", "length"]);
  assertEquals(head.parameters.get("format"), "json");
  const length = Number(head.parameters.get("length"));
  const body = reply.slice(end, end + length);
  assertEquals(body.length, length);
  assertEquals(reply.slice(end + length), "\r\n", "what follows the body");
  return { body, value: JSON.parse(decodeStrictly(body)) };
}

Deno.test("writeNative() writes the exact number of bytes of the JSON", () => {
  const cases: [pieces: string[], wanted: string][] = [
    [["{}"], "LOOKY/1.0 202 OK:format=json,length=2\r\n{}\r\n"],
    [['{"a": ', "1", "}"], 'LOOKY/1.0 202 OK:format=json,length=8\r\n{"a": 1}\r\n'],
    [[`["${utf8("à")}"]`], 'LOOKY/1.0 202 OK:format=json,length=6\r\n["\xc3\xa0"]\r\n'],
    [['["\xff"]'], 'LOOKY/1.0 202 OK:format=json,length=7\r\n["\xef\xbf\xbd"]\r\n'],
    [
      ['["\xff', "\xff", '"]'],
      `LOOKY/1.0 202 OK:format=json,length=10\r\n["${"\xef\xbf\xbd".repeat(2)}"]\r\n`,
    ],
  ];
  for (const [pieces, wanted] of cases) {
    const reply = [...writeNative(() => pieces)].join("");
    assertEquals(reply, wanted);
    readNative(reply);
  }
});

Deno.test("writeNative() replaces every invalid byte by U+FFFD, and nothing else", () => {
  const cases: [name: string, shown: string][] = [
    ["sales", "sales"],
    [utf8("ключ à Å \u{1f512}"), "ключ à Å \u{1f512}"],
    [utf8('\ufeffa\u2028\u2029\0\x1b\x7f"\\'), '\ufeffa\u2028\u2029\0\x1b\x7f"\\'],
    ["\xff", "\ufffd"],
    ["a\xffb", "a\ufffdb"],
    ["\xa0\x85", "\ufffd\ufffd"],
    [`\xc3${utf8("à")}`, "\ufffdà"],
    ["caf\xc3", "caf\ufffd"],
    ['\xc3"', '\ufffd"'],
    ["\xc0\x80", "\ufffd\ufffd"], // overlong NUL
    ["\xed\xa0\x80", "\ufffd\ufffd\ufffd"], // a single surrogate
    ["\xf8\x88", "\ufffd\ufffd"],
  ];
  for (const [name, shown] of cases) {
    const json = JSON.stringify({ [name]: [name] });
    const { value } = readNative([...writeNative(() => [json])].join(""));
    assertEquals(value, { [shown]: [shown] }, JSON.stringify(name));
  }
});

/** Returns the valid characters of `text`, without the other bytes. */
function validOf(text: string): string {
  const bytes = bytesOf(text);
  let valid = "";
  for (let from = 0; from < bytes.length;) {
    const sizes = [1, 2, 3, 4].filter((size) => from + size <= bytes.length);
    const size = sizes.find((size) => isUtf8(bytes.subarray(from, from + size)));
    valid += text.slice(from, from + (size ?? 0));
    from += size ?? 1;
  }
  return decodeStrictly(valid);
}

Deno.test("writeNative() writes valid JSON of the stated length for any bytes", () => {
  const parts = [
    ...'a"\\,\n\0 \xff\xa0\xc3\xe3\x80\xf0\x9f\xef\xbf',
    ...["à", "\u3000", "\u{1f512}"].map(utf8),
  ];
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 2_000; round++) {
      const names = Array.from(
        { length: below(random, 4) },
        () => Array.from({ length: below(random, 10) }, () => pick(random, parts)).join(""),
      );
      const pieces = [
        "[",
        ...names.flatMap((name, i) => [i > 0 ? "," : "", JSON.stringify(name)]),
        "]",
      ];
      const { value } = readNative([...writeNative(() => pieces)].join(""));
      const shown = (value as string[]).map((name) => name.replaceAll("\ufffd", ""));
      assertEquals(shown, names.map(validOf), `seed ${seed}, round ${round}`);
    }
  }
});

Deno.test("refuse() writes one line, ERR 400, with a message", () => {
  for (const refusal of ["unknown", "disabled", "arguments", "native", "overlong"] as const) {
    const line = looky.refuse(refusal, "free [pool] <number>");
    assertMatch(line, /^LOOKY\/1\.0 400 ERR:message=[^\r\n ,]+\r\n$/, refusal);
    const { code, isOk, parameters } = readHead(line)!;
    assertEquals([code, isOk, [...parameters.keys()]], [400, false, ["message"]]);
  }
});

/** The simple way: collapses white space, then splits at spaces. */
function readSlowly(line: string): ParsedRequest | undefined {
  const text = collapseWhitespace(line);
  if (text === "") return undefined;
  const native = text.startsWith("!");
  const [verb = "", ...words] = (native ? text.slice(1).replace(/^ /, "") : text).split(" ");
  return { verb, words, native };
}

Deno.test("readRequest() splits a line as if its white space were collapsed first", () => {
  const parts = ["a", "bc", "!", "!", " ", " ", " ", "\t", "\r", "\x1f", "\x7f", "\0", ",", "\\"]
    .concat(BLANKS, NAMES.slice(0, -1));
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 20_000; round++) {
      const some = below(random, 2) === 0 ? parts : parts.slice(0, 7);
      const line = Array.from({ length: below(random, 12) }, () => pick(random, some)).join("");
      const message = `seed ${seed}, round ${round}: ${JSON.stringify(line)}`;
      assertEquals(parsed(line), readSlowly(line), message);
    }
  }
});

Deno.test("readRequest() reads a line of very many words", () => {
  for (const end of ["", "\t"]) {
    assertEquals(parsed("a ".repeat(300_000) + `b${end}`)?.words.length, 300_000);
  }
});
