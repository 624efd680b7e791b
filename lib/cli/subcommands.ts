/**
 * Runs all subcommands except the server. lib/cli/mod.ts loads this module only when one of them is
 * called, so the server starts without it. A single module keeps the executable at few files.
 */
import type { ParsedArguments } from "../args/parse.ts";
import { asksForHelp } from "../args/parse.ts";
import { UsageError } from "../args/rows.ts";
import { log } from "../log.ts";
import { force } from "./commands/force.ts";
import { locks } from "./commands/locks.ts";
import { pools } from "./commands/pools.ts";
import { send } from "./commands/send.ts";
import { status } from "./commands/status.ts";
import { watch } from "./commands/watch.ts";
import { who } from "./commands/who.ts";
import { completions } from "./completions/mod.ts";
import { exitErrorOf } from "./connect.ts";
import { EXIT } from "./exit_codes.ts";
import { readOptions, type Subcommand } from "./options.ts";
import { runCommand } from "./run/mod.ts";
import { SUBCOMMANDS } from "./table.ts";
import { help, version } from "./usage.ts";

/** The server's exit status for wrong flags. */
const SERVE_USAGE_STATUS = 2;

/** Resolves to the exit status. Throws `UsageError`, or an error that `exitErrorOf` maps. */
type Handler = (args: ParsedArguments) => Promise<number>;

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>(Object.entries({
  run: runCommand,
  locks,
  who,
  watch,
  force,
  pools,
  status,
  send,
  completions: (args: ParsedArguments) => completions(args, SUBCOMMANDS),
  version,
  help: ({ operands: [name] }: ParsedArguments) => help(name, SUBCOMMANDS),
}));

/** Runs a subcommand; resolves to the exit status. */
export async function run(name: string, args: readonly string[]): Promise<number> {
  const subcommand = SUBCOMMANDS.find((row) => row.name === name);
  try {
    if (subcommand === undefined) throw new UsageError(unknownSubcommand(name));
    return await dispatch(subcommand, args);
  } catch (error) {
    if (error instanceof UsageError) return reportUsageError(error, subcommand);
    const exitError = exitErrorOf(error);
    if (exitError === undefined) throw error;
    log.error(exitError.message);
    return exitError.status;
  }
}

async function dispatch(subcommand: Subcommand, args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) return await help(subcommand.name, SUBCOMMANDS);
  const handle = HANDLERS.get(subcommand.name);
  if (handle === undefined) throw new Error(`no handler for "${subcommand.name}"`);
  return await handle(readOptions(args, subcommand));
}

function unknownSubcommand(name: string): string {
  const known = SUBCOMMANDS.map((row) => row.name).join(", ");
  return `Cannot run "${name}": no such subcommand; there are ${known}`;
}

/** Returns the exit status; for an unknown subcommand, 2 as for wrong flags of the server. */
function reportUsageError({ message }: UsageError, subcommand: Subcommand | undefined): number {
  if (subcommand === undefined) {
    log.error(`${message}. "holdfast -h" lists the flags.`);
    return SERVE_USAGE_STATUS;
  }
  log.error(`${message}. See "holdfast ${subcommand.name} --help".`);
  return EXIT.usage;
}
