/** The program `holdfast`: runs a subcommand of `lib/cli/mod.ts`. */
import { run } from "./lib/cli/mod.ts";
import { log } from "./lib/log.ts";

// Runs from the event loop, so that this module is not on the stack. Whenever an exception is thrown,
// even a caught one, V8 parses the functions on the stack again for their lines. In the executable this
// module is the whole program, and looking for a missing looky.conf throws at every start.
const status = await Promise.resolve(Deno.args).then(run);
await log.flush();
Deno.exit(status);
