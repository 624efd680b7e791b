/** The arguments of the subcommands: options, operands, the command after "--", error texts. */
import { UsageError } from "../../lib/args/rows.ts";
import { readOptions, type Subcommand, usageOf } from "../../lib/cli/options.ts";
import { readRunOptions } from "../../lib/cli/run/run_options.ts";
import { SUBCOMMANDS } from "../../lib/cli/table.ts";
import { assert, assertEquals } from "../support/assert.ts";

function subcommandOf(name: string): Subcommand {
  const subcommand = SUBCOMMANDS.find((row) => row.name === name);
  assert(subcommand !== undefined, name);
  return subcommand;
}

const RUN = subcommandOf("run");
const LOCKS = subcommandOf("locks");

function runOptionsOf(...args: string[]): ReturnType<typeof readRunOptions> {
  return readRunOptions(readOptions([...args, "--", "true"], RUN));
}

function errorOf(...args: string[]): string {
  try {
    readRunOptions(readOptions(args, RUN));
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("it does not throw");
}

Deno.test("readOptions() takes options before and after operands, with one dash or two", () => {
  const parsed = readOptions(
    ["--wait=30s", "a", "-why", "two words", "b", "--shared", "--", "echo", "--wait", "--"],
    RUN,
  );
  assertEquals(parsed.operands, ["a", "b"]);
  assertEquals(parsed.command, ["echo", "--wait", "--"]);
  assertEquals(parsed.duration("wait"), 30_000);
  assertEquals(parsed.text("why"), "two words");
  assertEquals([parsed.boolean("shared"), parsed.boolean("read")], [true, undefined]);
});

Deno.test("readOptions() takes the arguments after -- as operands where there is no command", () => {
  assertEquals(readOptions(["--", "-x"], LOCKS).operands, ["-x"]);
});

Deno.test("readOptions() takes a value that begins with a dash, and a boolean that is off", () => {
  assertEquals(
    readOptions(["--priority", "-5", "a", "--", "x"], RUN).integer("priority", -9, 9),
    -5,
  );
  assertEquals(readOptions(["--json=false"], LOCKS).boolean("json"), false);
});

Deno.test("usageOf() derives the usage line from the row", () => {
  assertEquals(usageOf(RUN), "holdfast run [OPTIONS] LOCK... -- COMMAND [ARGUMENT...]");
  assertEquals(usageOf(LOCKS), "holdfast locks [OPTIONS] [PREFIX]");
});

const ERRORS: [args: string, says: string][] = [
  ["backup sleep 5", '"--" and the command are missing; write holdfast run [OPTIONS] LOCK...'],
  ["backup --", 'the command after "--" is missing'],
  ["-- true", "LOCK or --pool POOL is missing"],
  ["--wiat 3s a -- true", 'Cannot read "--wiat": no such option'],
  ["a -5 -- true", 'Cannot read "-5": no such option'],
  ["a --wait -- true", 'Cannot read "--wait": the value TIME is missing'],
  ["--wait soon a -- true", 'Cannot read "soon" for --wait: not a duration such as 30s'],
  ["--wait 30d a -- true", 'Cannot read "30d" for --wait: the longest duration is 24d'],
  ["--wait -1 a -- true", 'Cannot read "-1" for --wait: not a duration'],
  ["--shared=yes a -- true", 'Cannot read "yes" for --shared: not a boolean'],
  ["--shared --read a -- true", "Cannot combine --shared and --read"],
  ["--max 2 --write a -- true", "Cannot combine --max and --write"],
  ["--max 0 a -- true", 'Cannot read "0" for --max: not a whole number from 1'],
  ["--priority 1001 a -- true", 'Cannot read "1001" for --priority: not a whole number from -1000'],
  ["--lease 0 a -- true", "--lease must be greater than zero"],
  ["--on-lost die a -- true", 'Cannot read "die" for --on-lost: not one of kill, term, ignore'],
  ["a b a -- true", 'Cannot lock "a" twice'],
  ["--as me a -- true", "Cannot use --as without --pool"],
  [
    "--pool p a -- true",
    "Cannot combine LOCK and --pool; to hold both: holdfast run a -- holdfast",
  ],
  ["--pool p --lease 3s -- true", "Cannot combine --lease and --pool"],
  ["--pool p --shared=false -- true", "Cannot combine --shared and --pool"],
];

for (const [args, says] of ERRORS) {
  Deno.test(`run ${args}: ${says}`, () => {
    const message = errorOf(...args.split(" "));
    assert(message.includes(says), message);
  });
}

Deno.test("operands are counted", () => {
  const errorFor = (name: string, ...args: string[]) => {
    try {
      readOptions(args, subcommandOf(name));
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
    throw new Error("it does not throw");
  };
  assertEquals(errorFor("force"), "Cannot force: LOCK is missing");
  assertEquals(errorFor("locks", "a", "b"), 'Cannot use "b": locks takes only [PREFIX]');
  assertEquals(errorFor("status", "a"), 'Cannot use "a": status takes no arguments');
});

Deno.test("readRunOptions() refuses blanks in pools and consumers: their protocol has none", () => {
  assert(errorOf("--pool", "a b", "--", "true").includes("must not be empty or have blanks"));
  assert(errorOf("--pool", "a", "--as", "", "--", "true").includes("must not be empty"));
});

Deno.test("run waits forever for one exclusive lock by default", () => {
  const options = runOptionsOf("backup");
  assertEquals(options.wait, "forever");
  assertEquals(options.lock?.options.mode, "exclusive");
  assertEquals([options.onLost, options.killAfterMs], ["term", 5000]);
});

Deno.test("--max alone means shared", () => {
  const options = runOptionsOf("--max", "3", "slots", "--wait", "0");
  assertEquals([options.wait, options.lock?.options.mode, options.lock?.options.max], [
    0,
    "shared",
    3,
  ]);
});

Deno.test("readRunOptions() returns durations in milliseconds", () => {
  const options = runOptionsOf(
    "--lease=30s",
    "--keep",
    "1m",
    "--grace",
    "250ms",
    "--deadline",
    "90",
    "x",
  );
  assertEquals([options.lock?.options.lease, options.lock?.options.grace], [30_000, 60_000]);
  assertEquals([options.killAfterMs, options.lock?.idleTimeoutMs], [250, 90_000]);
});

Deno.test("--pool acquires a resource instead of locks", () => {
  const options = runOptionsOf("--pool", "phones", "--as", "job-1");
  assertEquals(options.pool, { pool: "phones", consumer: "job-1" });
  assertEquals(options.lock, undefined);
});
