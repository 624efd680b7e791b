/**
 * The checker of histories finds what it is there for: bugs are planted into copies of the source,
 * one at a time, and short histories with such a server must be found wrong, and rightly so. The
 * copy without a bug must not.
 */
import { assert, assertEquals } from "../support/assert.ts";
import { check } from "../support/history/checker.ts";
import { copyProgram, PLANTED_BUGS, type PlantedBug } from "../support/history/planted_bugs.ts";
import { recordHistory } from "../support/history/record_history.ts";
import { startProgram } from "../support/server.ts";

/** Enough for each bug to show itself many times. */
const PLAN = { seed: 7, connections: 30, requests: 4_000, timeoutMs: 3_000 };

/** All that is wrong with a short history of the program with that bug. */
async function problemsOf(bug: PlantedBug | undefined): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-bug-" });
  try {
    const command = await copyProgram(folder, bug);
    await using server = await startProgram(command);
    return check(await recordHistory(server, PLAN), Infinity);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("without a planted bug nothing is found", async () => {
  assertEquals(await problemsOf(undefined), []);
});

for (const bug of PLANTED_BUGS) {
  Deno.test(`found: ${bug.title}`, async () => {
    const problems = await problemsOf(bug);
    const others = problems.slice(0, 10).join("\n") || "nothing";
    assert(
      problems.some((problem) => bug.problem.test(problem)),
      `not ${bug.problem}, but ${others}`,
    );
  });
}
