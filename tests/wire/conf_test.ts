/** A file of lines "key:value": reading it, and changing it without touching any other byte. */
import { Conf, ConfSyntaxError, readList } from "../../lib/wire/conf.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

const BOM = "\xef\xbb\xbf";

/** Returns the value that counts for a key, if there is one. */
function valueOf(text: string, key: string): string | undefined {
  return new Conf(text).get(key)?.value;
}

/** Returns the file after a change. */
function changed(text: string, change: (conf: Conf) => void): string {
  const conf = new Conf(text);
  change(conf);
  return conf.toString();
}

/** Returns the position after the last entry whose key starts with `prefix`. */
function positionAfter(conf: Conf, prefix: string): ReturnType<Conf["positionAfter"]> {
  return conf.positionAfter([...conf.keys()].filter((key) => key.startsWith(prefix)));
}

Deno.test("get() splits a line at its first colon and trims white space", () => {
  const cases: [text: string, key: string, value: string][] = [
    ["port:4040", "port", "4040"],
    ["port:4040\n", "port", "4040"],
    ["port:4040\r\n", "port", "4040"],
    ["port:4040\r", "port", "4040"],
    [" \tport \t: \t4040 \t\n", "port", "4040"],
    ["\xc2\xa0port\xe3\x80\x80:\xc2\x854040\xe2\x80\x83\n", "port", "4040"],
    ["port:", "port", ""],
    ["port: \r\n", "port", ""],
    ["a:b:c:d", "a", "b:c:d"],
    ["a::", "a", ":"],
    ["a:#b # c", "a", "#b # c"],
    ["a#b:c", "a#b", "c"],
    ["a: b  c ", "a", "b  c"],
    ["pool.list:sales,admin", "pool.list", "sales,admin"],
    ["a:\xa0\x85\xff", "a", "\xa0\x85\xff"],
    ["\xa0:x", "\xa0", "x"],
    ["__proto__:x", "__proto__", "x"],
    ["two words:x", "two words", "x"],
    [`${BOM}port:4040\n`, "port", "4040"],
    [`${BOM}\nport:4040\n`, "port", "4040"],
  ];
  for (const [text, key, value] of cases) {
    assertEquals(valueOf(text, key), value, JSON.stringify(text));
    assertEquals([...new Conf(text).keys()], [key], JSON.stringify(text));
  }
});

Deno.test("get() ignores comments, blank lines and other keys", () => {
  for (const text of ["", "\n", "\r\n\r\n", " \t\n", "#a:b", "#\n#a:1\n", "\xc2\xa0\n", BOM]) {
    assertEquals([...new Conf(text).keys()], [], JSON.stringify(text));
    assertEquals(new Conf(text).get("a"), undefined);
  }
  assertEquals(valueOf("port:1", "Port"), undefined);
  assertEquals(valueOf("port:1", "por"), undefined);
  assertEquals(valueOf("port:1", "toString"), undefined);
});

Deno.test("get() returns the last entry of a key, with its line", () => {
  const conf = new Conf("# 1\na:1\nb:2\r\na : 3\n\nb:4");
  assertEquals(conf.get("a"), { value: "3", line: 4 });
  assertEquals(conf.get("b"), { value: "4", line: 6 });
  assertEquals([...conf.keys()], ["a", "b"]);
  assertEquals(new Conf(`${BOM}a:1`).get("a"), { value: "1", line: 1 });
});

Deno.test("Conf throws with the line number for a line that is not an entry, a comment or blank", () => {
  const cases: [text: string, line: number][] = [
    ["port", 1],
    ["port 4040", 1],
    [":4040", 1],
    [" : ", 1],
    ["a:1\n\n# x\nb\nc", 4],
    ["a:1\r\nb\r\n", 2],
    ["a:1\nb=2\n", 2],
    [`a:1\n${BOM}`, 2],
  ];
  for (const [text, line] of cases) {
    let error: unknown;
    try {
      new Conf(text);
    } catch (caught) {
      error = caught;
    }
    assert(error instanceof ConfSyntaxError, JSON.stringify(text));
    assertEquals(error.line, line, JSON.stringify(text));
  }
});

const FILES = [
  "",
  "\n",
  "\r\n",
  "\n\n\n",
  "a:1",
  "a:1\n",
  "a:1\r\n",
  "a:1\r\nb:2",
  "a:1\nb:2\r\nc:3\n",
  "a:1\r\r\n",
  `${BOM}a:1\n`,
  BOM,
  "# \xff\xa0\0\x1b\n  # b\n\t\n a \t:\t \xff \t\n",
  "# no end of line",
];

Deno.test("toString() returns an unchanged file byte for byte", () => {
  for (const text of FILES) {
    assertEquals(new Conf(text).toString(), text);
    assertEquals(changed(text, (conf) => conf.delete("nothing")), text);
  }
});

Deno.test("set() changes the entry that counts and no other byte", () => {
  const cases: [before: string, after: string][] = [
    ["a:1", "a:9"],
    ["a:1\n", "a:9\n"],
    ["a:1\r\n", "a:9\r\n"],
    ["a:1\r\nb:2", "a:9\r\nb:2"],
    [" a\t:\t1", " a\t:\t9"],
    ["a:", "a:9"],
    ["a:\r\n", "a:9\r\n"],
    ["a:1:2:3\n", "a:9\n"],
    ["# a:1\na:1\n#a:1\n\nb:1\n", "# a:1\na:9\n#a:1\n\nb:1\n"],
    ["a:1\nb:1\na:1\nc:1\n", "a:1\nb:1\na:9\nc:1\n"],
    [`${BOM}a:1\n`, `${BOM}a:9\n`],
    ["b:\xff\n\xa0:\0\na:\xff\n", "b:\xff\n\xa0:\0\na:9\n"],
  ];
  for (const [before, after] of cases) {
    assertEquals(changed(before, (conf) => conf.set("a", "9")), after);
  }
});

Deno.test("set() writes any value unchanged", () => {
  for (const value of ["", "$&", "$1", "a,b", "x:y", "\xff\xa0", "$$"]) {
    assertEquals(changed("a:1\r\nb:2\r\n", (c) => c.set("a", value)), `a:${value}\r\nb:2\r\n`);
    assertEquals(
      changed("b:2\n", (c) => c.set("a", value, positionAfter(c, "b"))),
      `b:2\na:${value}\n`,
    );
  }
});

Deno.test("set() inserts a new entry at the given position, else at the end", () => {
  const cases: [before: string, after: string][] = [
    ["", "p.k:v\n"],
    ["\n", "\np.k:v\n"],
    ["a:1\n", "a:1\np.k:v\n"],
    ["a:1", "a:1\np.k:v\n"],
    ["# a", "# a\np.k:v\n"],
    ["p.a:1\n", "p.a:1\np.k:v\n"],
    ["p.a:1", "p.a:1\np.k:v\n"],
    ["p.a:1\n# p\np.b:1\n\nz:1\n", "p.a:1\n# p\np.b:1\np.k:v\n\nz:1\n"],
    ["p.a:1\nz:1\np.b:1", "p.a:1\nz:1\np.b:1\np.k:v\n"],
    ["p.a:1\n\n# the end\n", "p.a:1\np.k:v\n\n# the end\n"],
    ["p.a:1\r\nz:1\r\n", "p.a:1\r\np.k:v\r\nz:1\r\n"],
    ["z:1\r\n", "z:1\r\np.k:v\r\n"],
    ["# p.a:1\nz:1\n", "# p.a:1\nz:1\np.k:v\n"],
    [`${BOM}p.a:1\nz:1\n`, `${BOM}p.a:1\np.k:v\nz:1\n`],
  ];
  for (const [before, after] of cases) {
    assertEquals(changed(before, (conf) => conf.set("p.k", "v", positionAfter(conf, "p."))), after);
  }
});

Deno.test("set() terminates an unterminated last line before it adds an entry", () => {
  const text = changed("a:1\r\nb:2", (conf) => conf.set("c", "3"));
  assertEquals(text.split(/\r?\n/), ["a:1", "b:2", "c:3", ""]);
  assertEquals(["a", "b", "c"].map((key) => valueOf(text, key)), ["1", "2", "3"]);
});

Deno.test("delete() removes every entry of a key and nothing else", () => {
  const cases: [before: string, after: string][] = [
    ["a:1", ""],
    ["a:1\n", ""],
    ["b:1\na:1\nc:1\n", "b:1\nc:1\n"],
    ["a:1\r\nb:1\r\na:2\r\n", "b:1\r\n"],
    ["# a:1\n\na:1\n# end\n", "# a:1\n\n# end\n"],
    ["aa:1\na.b:1\nA:1\n", "aa:1\na.b:1\nA:1\n"],
  ];
  for (const [before, after] of cases) {
    assertEquals(changed(before, (conf) => conf.delete("a")), after);
  }
});

Deno.test("delete() of an unterminated last line keeps the lines before it complete", () => {
  for (const lines of [["# c"], ["# c", ""], ["", ""], ["b:1"]]) {
    for (const end of ["\n", "\r\n"]) {
      const text = changed([...lines, "a:1"].join(end), (conf) => conf.delete("a"));
      const left = text.replace(/(?<=^|[^\r\n])$/, end).split(end);
      assertEquals(left, [...lines, ""], JSON.stringify(text));
    }
  }
});

Deno.test("set() works after the last line was deleted", () => {
  const text = changed("a:1", (conf) => {
    conf.delete("a");
    conf.set("b", "2");
  });
  assertEquals(valueOf(text, "b"), "2");
});

Deno.test("changes by set() and delete() are there when the file is read again", () => {
  const keys = ["a", "b", "p.a", "p.b", "p.q.a", "\xa0"];
  const ends = ["\n", "\r\n"];
  const parts = ["", " ", "# a:1", "#", "x:y", ...keys.map((key) => `${key}: 1`)];
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let round = 0; round < 1_000; round++) {
      const end = pick(random, ends);
      const lines = Array.from({ length: below(random, 12) }, () => pick(random, parts));
      const mayBeUnterminated = lines.at(-1)?.startsWith("#") ?? true;
      const before = lines.join(end) + (mayBeUnterminated ? pick(random, ["", end]) : end);
      const conf = new Conf(before);
      conf.set("kept", ""); // so that the file always has a line
      const wanted = new Map(keys.flatMap((key): [string, string][] => {
        const value = conf.get(key)?.value;
        return value === undefined ? [] : [[key, value]];
      }));
      for (let step = 0; step < 6; step++) {
        const key = pick(random, keys);
        if (random() < 0.3) {
          conf.delete(key);
          wanted.delete(key);
        } else {
          const value = `${step}`;
          conf.set(key, value, positionAfter(conf, pick(random, ["", "p.", "p.q.", "none"])));
          wanted.set(key, value);
        }
      }
      const text = conf.toString();
      const message = `seed ${seed}, round ${round}: ${JSON.stringify(before)}`;
      for (const key of keys) {
        assertEquals(valueOf(text, key), wanted.get(key), `${message}, ${JSON.stringify(key)}`);
      }
      const others = (text: string) => text.split(/\r?\n/).filter((line) => /^#|^x:/.test(line));
      assertEquals(others(text), others(before), message);
    }
  }
});

Deno.test("readList() splits at commas, trims white space, and returns each member once", () => {
  const cases: [value: string, members: string[]][] = [
    ["", []],
    [" ", []],
    [",", []],
    ["a", ["a"]],
    ["a,b", ["a", "b"]],
    [" a , b\t,\tc ", ["a", "b", "c"]],
    ["\xc2\xa0a\xe3\x80\x80,\xc2\x85b", ["a", "b"]],
    ["a\xa0,\x85b", ["a\xa0", "\x85b"]],
    ["a,,b,", ["a", "b"]],
    ["b,a,b", ["b", "a"]],
    ["a.b,a:b,#c", ["a.b", "a:b", "#c"]],
    ["__proto__,constructor", ["__proto__", "constructor"]],
  ];
  for (const [value, members] of cases) assertEquals(readList(value), members, value);
});
