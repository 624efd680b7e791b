/** Writing and reading extended requests and replies. */
import {
  extended,
  listOf,
  readLine,
  readWords,
  type Value,
  valueOf,
  writeError,
  writeLine,
  writeRequest,
} from "../../lib/wire/extended.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

Deno.test("writeRequest() writes a verb, names and values", () => {
  const cases: [names: string[], values: Record<string, Value | undefined>, text: string][] = [
    [[], {}, "v\n"],
    [["a", "b"], { mode: "shared", max: 3 }, "v a b mode=shared max=3\n"],
    [["my lock", "a,b", "\\", "\n\r\t"], {}, "v my\\slock a\\cb \\\\ \\n\\r\\t\n"],
    [["", "a=b", "=", "name=x"], {}, "v name= name=a=b name== name=name=x\n"],
    [["__proto__", "\xc2\xa0", "\xff\x00"], {}, "v __proto__ \xc2\xa0 \xff\x00\n"],
    [["a"], { why: "", left: undefined, zero: 0 }, "v a why= zero=0\n"],
    [[], { list: ["a,b", "", "c d"] }, "v list=a\\cb,,c\\sd\n"],
  ];
  for (const [names, values, text] of cases) assertEquals(writeRequest("v", names, values), text);
});

Deno.test("readWords() splits at any ASCII white space", () => {
  assertEquals(readWords(""), []);
  assertEquals(readWords("  \t "), []);
  assertEquals(readWords(" a\t \v b=c  "), [
    { key: undefined, value: "a" },
    { key: "b", value: "c" },
  ]);
  assertEquals(readWords("=x a= a=b=c \\s=\\c"), [
    { key: "", value: "x" },
    { key: "a", value: "" },
    { key: "a", value: "b=c" },
    { key: "\\s", value: "," },
  ]);
  assertEquals(readWords("\\x \\"), [
    { key: undefined, value: "\\x" },
    { key: undefined, value: "\\" },
  ]);
});

Deno.test("readLine() reads kind, word and values", () => {
  const line = readLine("1 acquired token=7 count=1,2 previous-holder=,a\\cb waited=0\n")!;
  assertEquals([line.kind, line.word], ["1", "acquired"]);
  assertEquals(["token", "waited", "why"].map((key) => valueOf(line, key)), ["7", "0", undefined]);
  assertEquals(listOf(line, "count"), ["1", "2"]);
  assertEquals(listOf(line, "previous-holder"), ["", "a,b"]);
  for (const end of ["", "\n", "\r\n"]) {
    assertEquals(readLine(`0 not-held names=x${end}`)?.word, "not-held");
    assertEquals(readLine(`* lost count=2${end}`)?.kind, "*");
    assertEquals(readLine(`1 pong${end}`)?.raw.size, 0);
  }
});

Deno.test("readLine() returns undefined for other lines", () => {
  const others = [
    "",
    "\n",
    "1",
    "1 ",
    "2 acquired",
    "1 Lock Get Success: a\r\n",
    "0 disabled x",
    "1 a  b=c",
    "1 a b",
    "1 a b=c d",
    " 1 a",
    "1 a b=c ",
    "1 a\n1 b\n",
    "1 a b=\r c=d",
    "1 A",
    "map[]",
  ];
  for (const text of others) assertEquals(readLine(text), undefined, JSON.stringify(text));
});

Deno.test("writeError() escapes white space and commas", () => {
  const text = writeError("no such thing, ask again\n");
  assertEquals(text, "0 error message=no\\ssuch\\sthing\\c\\sask\\sagain\\n\n");
  assertEquals(valueOf(readLine(text)!, "message"), "no such thing, ask again\n");
});

Deno.test("parse() ignores blank lines and white space before the verb", () => {
  for (const text of ["", " ", "\t", "\r", " \v\f "]) assertEquals(extended.parse(text), undefined);
  for (const text of ["ping", " ping", "\tping ", "ping\t"]) {
    assertEquals(extended.parse(text)?.verb, "ping", JSON.stringify(text));
  }
  // The glockd commands get the rest as before hello.
  assertEquals(extended.parse("g a  b\xc2\xa0c ")?.rest, "a b c");
});

for (const seed of someSeeds()) {
  Deno.test(`readWords() and readLine() read what was written, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const letters = [
      "a",
      "=",
      ",",
      " ",
      "\\",
      "\n",
      "\r",
      "\t",
      "s",
      "c",
      "n",
      "\xa0",
      "\xc2",
      "\xff",
      "\0",
    ];
    const text = () =>
      Array.from({ length: below(random, 6) }, () => pick(random, letters)).join("");
    const texts = () => Array.from({ length: below(random, 4) }, text);
    for (let remaining = 5000; remaining > 0; remaining--) {
      const [names, why, list] = [texts(), text(), [text(), ...texts()]];
      const written = writeRequest("acquire", names, { why, list });
      assert(written.indexOf("\n") === written.length - 1, written);
      const { verb, rest, raw = rest } = extended.parse(written.slice(0, -1))!;
      assertEquals(verb, "acquire");
      const words = readWords(raw);
      const read = words.filter(({ key }) => key === undefined || key === "name");
      assertEquals(read.map(({ value }) => value), names, `seed ${seed}`);
      assertEquals(words.find(({ key }) => key === "why")?.value, why, `seed ${seed}`);
      const line = readLine(writeLine("1", "acquired", { list, why, n: remaining }))!;
      assertEquals(listOf(line, "list"), list, `seed ${seed}`);
      assertEquals(
        [valueOf(line, "why"), valueOf(line, "n")],
        [why, String(remaining)],
        `seed ${seed}`,
      );
    }
  });
}
