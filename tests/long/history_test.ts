/**
 * Randomised histories of the extended lock commands. Fifty connections acquire, wait, release, let
 * leases expire, force, resume and end in every possible way; a watcher receives all events. The
 * checker (`tests/support/history/checker.ts`) decides whether a correct server can have sent these
 * replies. `-- --short` records one history instead of four.
 */
import { log } from "../../lib/log.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { check } from "../support/history/checker.ts";
import { countExtended, recordHistory } from "../support/history/record_history.ts";
import { someSeeds } from "../support/random.ts";
import { commandUnderTest, startProgram } from "../support/server.ts";

const CONNECTIONS = 50;
/** Extended requests in each history: 208,000 in all. */
const REQUESTS = 52_000;
const TIMEOUT_MS = 5_000;

const seeds = someSeeds();
for (const seed of Deno.args.includes("--short") ? seeds.slice(-1) : seeds) {
  Deno.test(`the replies to ${REQUESTS} requests of ${CONNECTIONS} connections are possible, seed ${seed}`, async () => {
    await using server = await startProgram(commandUnderTest());
    const options = { seed, connections: CONNECTIONS, requests: REQUESTS, timeoutMs: TIMEOUT_MS };
    const history = await recordHistory(server, options);
    const { ops, events, connections } = history;
    const extended = countExtended(history);
    log.info(
      `seed ${seed}: ${ops.length} requests, ${extended} of them extended, ${events.length} ` +
        `events, ${connections.length} connections`,
    );
    const problems = check(history);
    if (problems.length > 0) {
      const path = await Deno.makeTempFile({ prefix: "history-", suffix: ".json" });
      await Deno.writeTextFile(path, JSON.stringify(history));
      log.info(`wrote the history to ${path}`);
    }
    assertEquals(problems, [], `seed ${seed}`);
    assert(extended >= REQUESTS, `only ${extended} extended requests`);
  });
}
