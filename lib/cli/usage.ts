/** The usage pages, out of the table, and `holdfast version`. */
import { log } from "../log.ts";
import { UsageError } from "../server/flags.ts";
import { version as number, versionLine } from "../version.ts";
import { EXIT, MEANINGS } from "./exit_codes.ts";
import { HELP, type Option, type ParsedOptions, type Shape, usageOf } from "./options.ts";
import type { Subcommand } from "./table.ts";
import { columns } from "./terminal_text.ts";

/** What `run` may end with, of lib/cli/exits.ts. */
const RUN_EXITS = "busy timeout lost unreachable usage cannotRun notFound".split(" ");
const RUN_NOTES =
  `Holds the locks for exactly the life of the command, whose input, output, signals and exit
status are its own; several locks are taken together or not at all. The command finds in its
environment HOLDFAST_LOCK, HOLDFAST_TOKEN (grows with every lock given out), HOLDFAST_PREVIOUS
(how the one before it ended: none, released, closed, lost, expired, forced) and
HOLDFAST_PREVIOUS_HOLDER; with --pool HOLDFAST_POOL, HOLDFAST_CONSUMER and HOLDFAST_RESOURCE.
`;

/** What `holdfast help` prints. */
export function overview(rows: readonly Subcommand[]): string {
  return `Usage: holdfast [COMMAND] ...

Locks that live exactly as long as who holds them, and pools that give each consumer a share.

Commands; without one, or with flags only, Holdfast serves:
${columns(rows.map(({ name, summary }) => [`  ${name}`, summary]))}
holdfast COMMAND --help tells more, holdfast --help the server's flags.
`;
}

/** What `holdfast COMMAND --help` prints. */
export function page(row: Shape): string {
  const parts = [`Usage: ${usageOf(row)}\n`, `${row.summary}\n`];
  if (row.name === "run") parts.push(RUN_NOTES);
  parts.push(`Options:\n${columns([...row.options, HELP].map(rowOf))}`);
  if (row.options.some(({ value }) => value === "TIME")) {
    parts.push("Times are such as 30s, 5m, 1h30m, 250ms; a number alone is seconds.\n");
  }
  if (row.name === "run") parts.push(`Exit status: the command's, or\n${exits()}`);
  return parts.join("\n");
}

function rowOf({ name, value, help, fallback = "" }: Option): string[] {
  const head = value === undefined ? `  --${name}` : `  --${name} ${value}`;
  return [head, fallback === "" ? help : `${help} (${fallback})`];
}

function exits(): string {
  const named = Object.entries(MEANINGS).filter(([name]) => RUN_EXITS.includes(name));
  return columns(named.map(([name, meaning]) => [`  ${numberOf(name)}`, meaning]));
}

function numberOf(name: string): number {
  return new Map<string, number>(Object.entries(EXIT)).get(name) ?? EXIT.unexpected;
}

export async function help(given: ParsedOptions, rows: readonly Subcommand[]): Promise<number> {
  const [wanted] = given.operands;
  if (wanted === "serve") {
    const { serveUsage } = await import("./serve.ts");
    return await print(`${serveUsage()}\n`);
  }
  const row = rows.find(({ name }) => name === wanted);
  if (wanted !== undefined && row === undefined) {
    throw new UsageError(`There is no subcommand "${wanted}"`);
  }
  return await print(row === undefined ? overview(rows) : page(row));
}

export function version(given: ParsedOptions): Promise<number> {
  return print(
    given.has("json")
      ? `${JSON.stringify({ version: number, build: versionLine() })}\n`
      : `holdfast ${versionLine()}\n`,
  );
}

/** Prints what was asked for; resolves to the exit status, 141 when nobody reads it (as by SIGPIPE). */
export async function print(text: string): Promise<number> {
  return await log.print(text) ? EXIT.ok : EXIT.unread;
}
