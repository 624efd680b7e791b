/** The lines that planted bugs replace still exist: `tests/long/planted_bugs_test.ts` needs them. */
import { assert } from "../support/assert.ts";
import { PLANTED_BUGS, sourceWithBug } from "../support/history/planted_bugs.ts";

Deno.test("every planted bug replaces a line that occurs in the source exactly once", async () => {
  for (const bug of PLANTED_BUGS) {
    assert((await sourceWithBug(bug)).includes(bug.replacement), bug.title);
  }
});
