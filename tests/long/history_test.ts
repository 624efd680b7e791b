/**
 * Randomised histories of the extended lock commands: fifty connections that acquire, wait, release,
 * expire, force, resume and end in every way there is, beside a watcher that is told of everything.
 * The checker (`tests/support/history/checker.ts`) says whether a server that keeps the contract can
 * have answered so. `-- --short` makes one history instead of four.
 */
import { log } from "../../lib/log.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { check } from "../support/history/checker.ts";
import { countExtended, makeHistory } from "../support/history/run.ts";
import { someSeeds } from "../support/random.ts";
import { commandUnderTest, startProgram } from "../support/server.ts";

const CONNECTIONS = 50;
/** In the new words, of each history: 208,000 in all. */
const REQUESTS = 52_000;
const PATIENCE_MS = 5_000;

const seeds = someSeeds();
for (const seed of Deno.args.includes("--short") ? seeds.slice(-1) : seeds) {
  Deno.test(`${CONNECTIONS} connections, ${REQUESTS} requests, faults: seed ${seed}`, async () => {
    await using server = await startProgram(commandUnderTest());
    const plan = { seed, connections: CONNECTIONS, requests: REQUESTS, patienceMs: PATIENCE_MS };
    const history = await makeHistory(server, plan);
    const { ops, events, lives } = history;
    const extended = countExtended(history);
    log.say(
      `seed ${seed}: ${ops.length} requests, ${extended} of them extended, ${events.length} ` +
        `events, ${lives.length} connections`,
    );
    const problems = check(history);
    if (problems.length > 0) {
      const path = await Deno.makeTempFile({ prefix: "history-", suffix: ".json" });
      await Deno.writeTextFile(path, JSON.stringify(history));
      log.say(`the history is in ${path}`);
    }
    assertEquals(problems, [], `seed ${seed}`);
    assert(extended >= REQUESTS, `only ${extended} extended requests`);
  });
}
