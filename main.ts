/** The program `holdfast`: everything it does is a subcommand of `lib/cli/mod.ts`. */
import { run } from "./lib/cli/mod.ts";
import { log } from "./lib/log.ts";

// Called from the runtime's loop, not from here. Whenever something throws, be it caught, V8 parses
// the functions on the stack once more for their lines; this one is, in the executable, the whole
// program, and looking for a looky.conf that is not there throws at every start.
const status = await Promise.resolve(Deno.args).then(run);
await log.flush();
Deno.exit(status);
