/**
 * What every subcommand but the server does. One module for all of them, loaded when one of them is
 * called: the server starts without, they start without the server, and the executable is made of
 * few files.
 */
import { log } from "../log.ts";
import { UsageError } from "../server/flags.ts";
import { completions } from "./completions/mod.ts";
import { failureOf } from "./connect.ts";
import { EXIT } from "./exit_codes.ts";
import { asksForHelp, ParsedOptions, readOptions } from "./options.ts";
import { main } from "./run/mod.ts";
import { locks } from "./commands/locks.ts";
import { pools } from "./commands/pools.ts";
import { status } from "./commands/status.ts";
import { watch } from "./commands/watch.ts";
import { who } from "./commands/who.ts";
import { type Subcommand, SUBCOMMANDS } from "./table.ts";
import { force } from "./commands/force.ts";
import { send } from "./commands/send.ts";
import { help, version } from "./usage.ts";

/** What the server ends with when its flags are wrong. */
const SERVE_USAGE = 2;

/** Resolves to the exit status. Throws `UsageError`, and the errors that `failureOf` knows. */
type Main = (given: ParsedOptions) => Promise<number>;

const MAINS: ReadonlyMap<string, Main> = new Map<string, Main>(Object.entries({
  run: main,
  locks,
  who,
  watch,
  force,
  pools,
  status,
  send,
  completions: (given: ParsedOptions) => completions(given, SUBCOMMANDS),
  version,
  help: (given: ParsedOptions) => help(given, SUBCOMMANDS),
}));

/** Runs a subcommand; resolves to the exit status. */
export async function run(name: string, args: readonly string[]): Promise<number> {
  const row = SUBCOMMANDS.find((row) => row.name === name);
  try {
    if (row === undefined) throw new UsageError(noSuch(name));
    return await carryOut(row, args);
  } catch (error) {
    if (error instanceof UsageError) return refuse(error, row);
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    log.error(failure.message);
    return failure.status;
  }
}

/** Asking for the page goes before everything that may be wrong. */
async function carryOut(row: Subcommand, args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    return await help(new ParsedOptions(new Map(), [row.name], []), SUBCOMMANDS);
  }
  const carry = MAINS.get(row.name);
  if (carry === undefined) throw new Error(`nothing carries out "${row.name}"`);
  return await carry(readOptions(args, row));
}

function noSuch(name: string): string {
  const known = SUBCOMMANDS.map((row) => row.name).join(", ");
  return `There is no subcommand "${name}"; known are ${known}`;
}

/** What could not be understood at all might have been meant for the server: 2, as always. */
function refuse({ message }: UsageError, row: Subcommand | undefined): number {
  if (row === undefined) {
    log.error(`${message}. "holdfast -h" lists the flags.`);
    return SERVE_USAGE;
  }
  log.error(`${message}. "holdfast ${row.name} --help" tells more.`);
  return EXIT.usage;
}
