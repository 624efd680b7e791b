/** The program `holdfast`: everything it does is a subcommand of `lib/cli/mod.ts`. */
import { run } from "./lib/cli/mod.ts";

Deno.exit(await run(Deno.args));
