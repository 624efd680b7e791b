/** Flags and options as users write them, in both styles; what parse_args would read otherwise. */
import { asksForHelp, parseArguments, type ParsedArguments } from "../../lib/args/parse.ts";
import { type ArgumentSyntax, describeFlags, type Flag, UsageError } from "../../lib/args/rows.ts";
import { SUBCOMMANDS } from "../../lib/cli/table.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const FLAGS: readonly Flag[] = [
  { name: "port", value: "INT", fallback: "9999", help: "TCP port" },
  { name: "host", value: "HOST", help: "address" },
  { name: "dump", help: "list locks" },
  { name: "n", value: "N", help: "count" },
];
const GO: ArgumentSyntax = { style: "go" };
const GNU: ArgumentSyntax = { style: "gnu" };
const RUN: ArgumentSyntax = { style: "gnu", takesCommand: true };

function parse(syntax: ArgumentSyntax, ...args: string[]): ParsedArguments {
  return parseArguments(args, FLAGS, syntax);
}

function errorOf(syntax: ArgumentSyntax, ...args: string[]): string {
  return assertThrowsUsage(() => parse(syntax, ...args));
}

function assertThrowsUsage(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("it does not throw");
}

for (const syntax of [GO, GNU]) {
  const { style } = syntax;

  Deno.test(`${style}: a value is attached or follows, after one dash or two`, () => {
    for (const args of [["-port", "7"], ["--port", "7"], ["-port=7"], ["--port=7"]]) {
      assertEquals(parse(syntax, ...args).text("port"), "7", args.join(" "));
    }
    assertEquals(parse(syntax, "-n", "7").text("n"), "7");
  });

  Deno.test(`${style}: a value may begin with a dash, a flag's name or be "--"`, () => {
    assertEquals(parse(syntax, "-port", "-1").text("port"), "-1");
    assertEquals(parse(syntax, "--port", "--host", "-host=x").text("port"), "--host");
    assertEquals(parse(syntax, "-host=--").text("host"), "--");
  });

  Deno.test(`${style}: a value may contain "=", line ends and look like a number or boolean`, () => {
    for (const value of ["a=b", "=", "==", "a\nb\n", "007", "1e3", "true", "false", " "]) {
      assertEquals(parse(syntax, `-host=${value}`).text("host"), value);
      assertEquals(parse(syntax, "-host", value, "-dump").text("host"), value);
    }
  });

  Deno.test(`${style}: an empty value is a value, and does not take the next argument`, () => {
    for (
      const args of [["-host=", "-port=7"], ["-host", "", "-port", "7"], ["-port=7", "-host="]]
    ) {
      const parsed = parse(syntax, ...args);
      assertEquals([parsed.text("host"), parsed.text("port")], ["", "7"]);
    }
  });

  Deno.test(`${style}: the last of repeated flags counts`, () => {
    assertEquals(parse(syntax, "-port=1", "--port", "2").text("port"), "2");
    assertEquals(parse(syntax, "-dump", "-dump=false").boolean("dump"), false);
  });

  Deno.test(`${style}: a boolean is on alone, and reads an attached value as Go does`, () => {
    assertEquals(parse(syntax, "-dump").boolean("dump"), true);
    for (const text of ["1", "t", "T", "TRUE", "true", "True"]) {
      assertEquals(parse(syntax, `--dump=${text}`).boolean("dump"), true);
    }
    for (const text of ["0", "f", "F", "FALSE", "false", "False"]) {
      assertEquals(parse(syntax, `--dump=${text}`).boolean("dump"), false);
    }
    for (const text of ["no", "", "=true"]) {
      assert(errorOf(syntax, `-dump=${text}`).startsWith(`Cannot read "${text}" for -`));
    }
  });

  Deno.test(`${style}: flags that are not given are undefined`, () => {
    const parsed = parse(syntax);
    assertEquals([parsed.text("port"), parsed.boolean("dump")], [undefined, undefined]);
    assertEquals([parsed.integer("port", 0, 9), parsed.duration("host")], [undefined, undefined]);
    assertEquals(["port", "dump"].map((name) => parsed.isGiven(name)), [false, false]);
    assert(parse(syntax, "-dump=false").isGiven("dump"));
  });

  Deno.test(`${style}: a missing value is an error`, () => {
    assert(errorOf(syntax, "-dump", "-port").endsWith('port": the value INT is missing'));
  });

  const unknown = [
    "-prot",
    "--prot=1",
    "--no-dump", // parse_args: not dump
    "--no-dump=true", // parse_args: dump
    "-no-port=7",
    "--port.x=1", // parse_args: an object in port
    "--dump.x",
    "-abc", // parse_args: -a -b -c
    "-n7", // parse_args: n is 7
    "-dumpn",
    "--__proto__=1",
    "--__proto__.x=1",
    "-constructor",
    "--toString",
    "--_=1", // parse_args: the operands
    "-5",
    "-A",
    "---port=7",
    "-=7",
    "--=7",
    "-é",
  ];
  for (const word of unknown) {
    Deno.test(`${style}: ${word} is unknown, whatever follows`, () => {
      const [name] = word.split("=", 1);
      for (const next of [[], ["x"], ["true"], ["-dump"], ["7"]]) {
        const message = errorOf(syntax, word, ...next);
        assert(message.startsWith(`Cannot read "${name}": no such `), message);
      }
      assertEquals(({} as Record<string, unknown>)["x"], undefined);
    });
  }
}

Deno.test("go: an argument that is not a flag is an error, also after a boolean", () => {
  for (const word of ["false", "x", "7", "", "-", "a=b"]) {
    assertEquals(errorOf(GO, "-dump", word), `Cannot read "${word}": not a flag`);
  }
});

Deno.test('go: "--" does not end the flags', () => {
  assertEquals(errorOf(GO, "-dump", "--", "-port=1"), 'Cannot read "--": no such flag');
  assertEquals(errorOf(GO, "--"), 'Cannot read "--": no such flag');
  assertEquals(parse(GO, "-host", "--").text("host"), "--");
});

Deno.test("gnu: operands stand before, between and after options, and stay as they are", () => {
  const words = ["a", "007", "1e3", "", "-", "true", "a=b", "=", "x.y", "_"];
  const args = words.flatMap((word) => [word, "--dump"]);
  assertEquals(parse(GNU, ...args).operands, words);
  assertEquals(parse(GNU, "--host=h", ...words, "--port", "1").operands, words);
});

Deno.test('gnu: everything after the first "--" is operands', () => {
  const parsed = parse(GNU, "a", "--", "-x", "--port=1", "--", "5");
  assertEquals(parsed.operands, ["a", "-x", "--port=1", "--", "5"]);
  assertEquals(parsed.isGiven("port"), false);
});

Deno.test('gnu with a command: everything after the first "--" is the command', () => {
  const parsed = parse(RUN, "a", "--dump", "--", "echo", "", "--port", "--", "007");
  assertEquals(parsed.operands, ["a"]);
  assertEquals(parsed.command, ["echo", "", "--port", "--", "007"]);
});

Deno.test('gnu: "--" is not the value of an option', () => {
  assertEquals(errorOf(GNU, "--host", "--"), 'Cannot read "--host": the value HOST is missing');
});

Deno.test("gnu: the hint about names that begin with a dash is given where there is a way", () => {
  assert(errorOf(GNU, "-5").includes('put a name that begins with "-" after "--"'));
  assert(!errorOf(RUN, "-5", "--", "x").includes("after"));
});

Deno.test("integers have a sign only where the range has one, and a range", () => {
  const read = (text: string, min = 0) => parse(GO, `-port=${text}`).integer("port", min, 100);
  assertEquals([read("007"), read("+5"), read("100"), read("-5", -9)], [7, 5, 100, -5]);
  for (const text of ["", "-0", "-1", "101", "1.5", "1e1", "0x1", " 1", "1 ", "x"]) {
    assertThrows(() => read(text), UsageError, "not a whole number from 0 to 100");
  }
});

Deno.test("durations have units, or are seconds", () => {
  const read = (text: string) => parse(GNU, "--host", text).duration("host");
  const texts = ["0", "5", "1.5", "250ms", "30s", "5m", "1h30m", "2d", "0.5h"];
  const ms = [0, 5000, 1500, 250, 30_000, 300_000, 5_400_000, 172_800_000, 1_800_000];
  assertEquals(texts.map(read), ms);
  for (const text of ["", "s", "5 s", "5x", "-5", "1e3", "forever", "30s5"]) {
    assertThrows(() => read(text), UsageError, `Cannot read "${text}" for --host: not a duration`);
  }
  assertThrows(() => read("25d"), UsageError, "the longest duration is 24d");
});

Deno.test("a word of a list is read, any other is an error", () => {
  const read = (text: string) => parse(GNU, `--host=${text}`).oneOf("host", ["kill", "term"]);
  assertEquals(read("term"), "term");
  assertThrows(
    () => read("die"),
    UsageError,
    'Cannot read "die" for --host: not one of kill, term',
  );
});

Deno.test('help is asked for by -h, -help or --help before "--"', () => {
  for (const word of ["-h", "--help", "-help", "--h"]) {
    assert(asksForHelp(["a", word, "--", "x"]));
  }
  assert(!asksForHelp(["a", "--", "ls", "--help"]));
  assert(!asksForHelp(["help", "-host"]));
});

Deno.test("the table of flags is aligned, and shows defaults", () => {
  assertEquals(
    describeFlags(FLAGS.slice(0, 3), "go"),
    "  -port INT   TCP port (9999)\n  -host HOST  address\n  -dump       list locks\n",
  );
});

Deno.test("no flag or option has a name that parse_args reads otherwise", () => {
  const names = SUBCOMMANDS.flatMap(({ options }) => options.map(({ name }) => name));
  assertEquals(names.filter((name) => !/^(?!no-)[a-z][a-z-]*$/.test(name)), []);
});
