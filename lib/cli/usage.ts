/** The usage pages, derived from the rows of the subcommands, and `holdfast version`. */
import type { ParsedArguments } from "../args/parse.ts";
import { describeFlags, UsageError } from "../args/rows.ts";
import { log } from "../log.ts";
import { version as number, versionLine } from "../version.ts";
import { EXIT, EXIT_MEANINGS } from "./exit_codes.ts";
import { HELP, type Subcommand, usageOf } from "./options.ts";
import { formatColumns } from "./terminal_text.ts";

/** The exit statuses that the usage page of `run` lists. */
const RUN_EXITS = "busy timeout lost unreachable usage cannotRun notFound".split(" ");
const RUN_NOTES =
  `Holds the locks while the command runs; several locks are acquired together or not at all. Passes
input, output and signals through, and exits as the command does. The command's environment has:
  HOLDFAST_LOCK             the names of the locks, one per line
  HOLDFAST_TOKEN            the fencing token, which grows with every grant
  HOLDFAST_PREVIOUS         how the last hold ended: none, released, closed, lost, expired, forced
  HOLDFAST_PREVIOUS_HOLDER  the last holder
With --pool: HOLDFAST_POOL, HOLDFAST_CONSUMER and HOLDFAST_RESOURCE.
`;

/** Returns the page of `holdfast help`. */
export function overview(subcommands: readonly Subcommand[]): string {
  return `Usage: holdfast [COMMAND] ...

A lock server and its clients: locks that live as long as their connection, and pools that give
each consumer a share of their resources.

Commands; without one, or with flags only, holdfast runs the server:
${formatColumns(subcommands.map(({ name, summary }) => [`  ${name}`, summary]))}
See "holdfast COMMAND --help" for a command, "holdfast --help" for the server's flags.
`;
}

/** Returns the page of `holdfast COMMAND --help`. */
export function usagePage(subcommand: Subcommand): string {
  const { name, options, summary } = subcommand;
  const parts = [`Usage: ${usageOf(subcommand)}\n`, `${summary}\n`];
  if (name === "run") parts.push(RUN_NOTES);
  parts.push(`Options, with defaults in parentheses:\n${describeFlags([...options, HELP], "gnu")}`);
  if (options.some(({ value }) => value === "TIME")) {
    parts.push("TIME is 30s, 5m, 1h30m or 250ms; a bare number is seconds.\n");
  }
  if (name === "run") parts.push(`Exit status: the command's, or\n${exitStatuses()}`);
  return parts.join("\n");
}

function exitStatuses(): string {
  const listed = Object.entries(EXIT_MEANINGS).filter(([name]) => RUN_EXITS.includes(name));
  return formatColumns(listed.map(([name, meaning]) => [`  ${statusOf(name)}`, meaning]));
}

function statusOf(name: string): number {
  return new Map<string, number>(Object.entries(EXIT)).get(name) ?? EXIT.unexpected;
}

/** Prints the page of a subcommand, or the overview. Throws `UsageError` for an unknown name. */
export async function help(
  name: string | undefined,
  subcommands: readonly Subcommand[],
): Promise<number> {
  if (name === "serve") {
    const { serveUsage } = await import("./serve.ts");
    return await print(`${serveUsage()}\n`);
  }
  const subcommand = subcommands.find((row) => row.name === name);
  if (name !== undefined && subcommand === undefined) {
    throw new UsageError(`Cannot show help for "${name}": no such subcommand`);
  }
  return await print(subcommand === undefined ? overview(subcommands) : usagePage(subcommand));
}

export function version(args: ParsedArguments): Promise<number> {
  return print(
    args.boolean("json")
      ? `${JSON.stringify({ version: number, build: versionLine() })}\n`
      : `holdfast ${versionLine()}\n`,
  );
}

/** Prints to stdout. Resolves to the exit status: 141, as by SIGPIPE, when the reader is gone. */
export async function print(text: string): Promise<number> {
  return await log.print(text) ? EXIT.ok : EXIT.brokenPipe;
}
