/** The terminal: a table of subcommands, like any other table here. */
import { log } from "../log.ts";
import { UsageError } from "../server/flags.ts";
import { versionLine } from "../version.ts";
import { serve, serveUsage } from "./serve.ts";

/** Runs with its own arguments and resolves to the exit status. */
type Subcommand = (args: readonly string[]) => Promise<number> | number;

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  serve,
  help: () => {
    log.say(serveUsage());
    return 0;
  },
  version: () => {
    log.say(`holdfast ${versionLine()}`);
    return 0;
  },
};

/** Runs the program; without a subcommand it serves. Exit status 2: the arguments were not understood. */
export async function run(args: readonly string[]): Promise<number> {
  const [first = "", ...rest] = args;
  try {
    if (/^--?version$/.test(first)) return await SUBCOMMANDS["version"]!(rest);
    if (first === "" || first.startsWith("-")) return await serve(args);
    if (Object.hasOwn(SUBCOMMANDS, first)) return await SUBCOMMANDS[first]!(rest);
    const known = Object.keys(SUBCOMMANDS).join(", ");
    throw new UsageError(`There is no subcommand "${first}"; known are ${known}`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.error(`${error.message}. "holdfast -h" lists the flags.`);
    return 2;
  }
}
