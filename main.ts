/** The program `holdfast`: everything it does is a subcommand of `lib/cli/mod.ts`. */
import { run } from "./lib/cli/mod.ts";
import { log } from "./lib/log.ts";

const status = await run(Deno.args);
await log.flush();
Deno.exit(status);
