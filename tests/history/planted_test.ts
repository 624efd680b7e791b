/** The places where bugs can be planted are still there: `tests/long/planted_bugs_test.ts` needs them. */
import { assert } from "../support/assert.ts";
import { bugged, PLANTED_BUGS } from "../support/history/planted.ts";

Deno.test("every planted bug has its place in the source, once", async () => {
  for (const bug of PLANTED_BUGS) assert((await bugged(bug)).includes(bug.replacement), bug.title);
});
