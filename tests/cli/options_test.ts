/** What the subcommands take: options, names, "--", and what is said when they are wrong. */
import { asksForHelp, readOptions, type Shape, usageOf } from "../../lib/cli/options.ts";
import { readRunOptions } from "../../lib/cli/run/run_options.ts";
import { SUBCOMMANDS } from "../../lib/cli/table.ts";
import { UsageError } from "../../lib/server/flags.ts";
import { assert, assertEquals } from "../support/assert.ts";

function shapeOf(name: string): Shape {
  const shape = SUBCOMMANDS.find((row) => row.name === name);
  assert(shape !== undefined, name);
  return shape;
}

const RUN = shapeOf("run");
const LOCKS = shapeOf("locks");

function wishOf(...args: string[]): ReturnType<typeof readRunOptions> {
  return readRunOptions(readOptions([...args, "--", "true"], RUN));
}

function refusalOf(...args: string[]): string {
  try {
    readRunOptions(readOptions(args, RUN));
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("it is not refused");
}

Deno.test("options stand before and behind the names, with one dash or two", () => {
  const given = readOptions(
    ["--wait=30s", "a", "-why", "two words", "b", "--shared", "--", "echo", "--wait", "--"],
    RUN,
  );
  assertEquals(given.operands, ["a", "b"]);
  assertEquals(given.command, ["echo", "--wait", "--"]);
  assertEquals(given.time("wait"), 30_000);
  assertEquals(given.text("why"), "two words");
  assertEquals([given.has("shared"), given.has("read")], [true, false]);
});

Deno.test("without a command, what stands behind -- is a name", () => {
  assertEquals(readOptions(["--", "-x"], LOCKS).operands, ["-x"]);
});

Deno.test("a value may begin with a dash, and a switch may be off", () => {
  assertEquals(
    readOptions(["--priority", "-5", "a", "--", "x"], RUN).integer("priority", -9, 9),
    -5,
  );
  assertEquals(readOptions(["--json=false"], LOCKS).has("json"), false);
});

Deno.test("the usage page is asked for before --, not behind it", () => {
  for (const word of ["-h", "--help", "-help"]) assert(asksForHelp(["a", word, "--", "x"]));
  assert(!asksForHelp(["a", "--", "ls", "--help"]));
});

Deno.test("usage lines come from the rows", () => {
  assertEquals(usageOf(RUN), "holdfast run [OPTIONS] LOCK... -- COMMAND [ARGUMENT...]");
  assertEquals(usageOf(LOCKS), "holdfast locks [OPTIONS] [PREFIX]");
});

const REFUSED: [args: string, says: string][] = [
  ["backup sleep 5", 'stands behind "--", which is missing'],
  ["backup --", "What is to run?"],
  ["-- true", "run needs the name of a LOCK"],
  ["--wiat 3s a -- true", "There is no option --wiat"],
  ["a -5 -- true", "There is no option -5"],
  ["a --wait -- true", "--wait needs a value: TIME"],
  ["--wait soon a -- true", '--wait is a time such as 30s, 5m or 1h30m, got "soon"'],
  ["--wait 30d a -- true", "--wait is at most 24d"],
  ["--wait -1 a -- true", "--wait is a time"],
  ["--shared=yes a -- true", "--shared"],
  ["--shared --read a -- true", "--shared or --read, not both"],
  ["--max 2 --write a -- true", "--max goes with --shared, not with --write"],
  ["--max 0 a -- true", "--max is a whole number from 1"],
  ["--priority 1001 a -- true", "--priority is a whole number from -1000 to 1000"],
  ["--lease 0 a -- true", "--lease is longer than nothing"],
  ["--on-lost die a -- true", '--on-lost is kill, term, ignore, got "die"'],
  ["a b a -- true", "The lock a is named twice"],
  ["--as me a -- true", "--as goes with --pool"],
  ["--pool p a -- true", "Locks or --pool, not both; for both: holdfast run a -- holdfast run"],
  ["--pool p --lease 3s -- true", "--lease is for locks"],
];

for (const [args, says] of REFUSED) {
  Deno.test(`run ${args}: ${says}`, () => {
    const message = refusalOf(...args.split(" "));
    assert(message.includes(says), message);
  });
}

Deno.test("blanks in pools and consumers are refused, for their protocol has none", () => {
  assert(refusalOf("--pool", "a b", "--", "true").includes("have no blanks"));
  assert(refusalOf("--pool", "a", "--as", "", "--", "true").includes("have no blanks"));
});

Deno.test("who says nothing waits for ever, for one exclusive lock", () => {
  const wish = wishOf("backup");
  assertEquals(wish.wait, "forever");
  assertEquals(wish.lock?.options.mode, "exclusive");
  assertEquals([wish.onLost, wish.killAfterMs], ["term", 5000]);
});

Deno.test("--max alone means shared", () => {
  const wish = wishOf("--max", "3", "slots", "--wait", "0");
  assertEquals([wish.wait, wish.lock?.options.mode, wish.lock?.options.max], [0, "shared", 3]);
});

Deno.test("times of the options are milliseconds", () => {
  const wish = wishOf("--lease=30s", "--keep", "1m", "--grace", "250ms", "--deadline", "90", "x");
  assertEquals([wish.lock?.options.lease, wish.lock?.options.grace], [30_000, 60_000]);
  assertEquals([wish.killAfterMs, wish.lock?.deadlineMs], [250, 90_000]);
});

Deno.test("--pool takes no lock", () => {
  const wish = wishOf("--pool", "phones", "--as", "job-1");
  assertEquals(wish.slot, { pool: "phones", consumer: "job-1" });
  assertEquals(wish.lock, undefined);
});
