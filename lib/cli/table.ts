/**
 * The subcommands, one row each; usage pages, parsing and completions derive from these rows.
 * lib/cli/subcommands.ts runs the subcommands, and lib/cli/serve.ts the server.
 */
import { FLAGS } from "../server/config.ts";
import { LOCKS_URL, LOCKS_VARIABLE, POOLS_URL, POOLS_VARIABLE } from "./defaults.ts";
import type { CliOption, Operands, Subcommand } from "./options.ts";

const NO_OPERANDS: Operands = { usage: "", min: 0, max: 0 };
const PREFIX_OPERAND: Operands = { usage: "[PREFIX]", min: 0, max: 1, suggest: "locks" };
const JSON_OPTION: CliOption = { name: "json", help: "print JSON, for programs" };
const NAMES_OPTION: CliOption = { name: "names", help: "print only the names, one per line" };
const NAME_OPTION: CliOption = {
  name: "name",
  value: "NAME",
  help: "the holder's name, as other clients see it",
  fallback: "user@host:pid",
};
const LOCKS_URL_OPTION: CliOption = {
  name: "url",
  value: "URL",
  help: "the server: tcp://HOST:PORT, unix:/PATH or ws://HOST:PORT/",
  fallback: `$${LOCKS_VARIABLE}, or else ${LOCKS_URL}`,
};
const POOLS_URL_OPTION: CliOption = {
  ...LOCKS_URL_OPTION,
  fallback: `$${POOLS_VARIABLE}, or else ${POOLS_URL}`,
};
export const SHELLS = ["bash", "zsh", "fish"] as const;

const RUN_OPTIONS: readonly CliOption[] = [
  {
    name: "wait",
    value: "TIME",
    help: "how long to wait for the lock; 0: do not wait",
    fallback: "forever",
  },
  { name: "shared", help: "share the lock with other holders that use --shared; see --max" },
  { name: "max", value: "N", help: "how many may share the lock at a time; implies --shared" },
  { name: "read", help: "share the lock with other readers, but not with a writer" },
  { name: "write", help: "hold the lock alone, after all readers" },
  { name: "priority", value: "N", help: "-1000 to 1000; higher is served first", fallback: "0" },
  { name: "why", value: "TEXT", help: "the reason, shown to waiting clients and in listings" },
  NAME_OPTION,
  {
    name: "on-lost",
    value: "ACTION",
    help: "what to do when the lock is lost: kill, term (see --grace) or ignore",
    fallback: "term",
    suggest: ["kill", "term", "ignore"],
  },
  {
    name: "grace",
    value: "TIME",
    help: "with --on-lost term: time between SIGTERM and SIGKILL",
    fallback: "5s",
  },
  { name: "lease", value: "TIME", help: "the lock expires unless renewed; run renews it" },
  {
    name: "keep",
    value: "TIME",
    help: "how long the server keeps the lock after the connection is lost",
  },
  {
    name: "deadline",
    value: "TIME",
    help: "idle time after which either side drops the connection; 0: the server never does",
    fallback: "30s; 0 at a terminal",
  },
  { name: "pool", value: "POOL", help: "hold a resource of a pool instead", suggest: "pools" },
  { name: "as", value: "CONSUMER", help: "with --pool: the consumer", fallback: "as --name" },
  {
    ...LOCKS_URL_OPTION,
    fallback: `${LOCKS_URL_OPTION.fallback}; with --pool as for holdfast pools`,
  },
];

export const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: "serve",
    summary: "Run the server; the default without a subcommand.",
    options: FLAGS,
    operands: NO_OPERANDS,
    style: "go",
  },
  {
    name: "run",
    summary: "Run a command while holding locks, or a resource of a pool.",
    options: RUN_OPTIONS,
    operands: { usage: "LOCK...", min: 0, max: Infinity, suggest: "locks" },
    command: "COMMAND [ARGUMENT...]",
  },
  {
    name: "locks",
    summary: "List locks with their holders and waiters.",
    options: [JSON_OPTION, NAMES_OPTION, LOCKS_URL_OPTION],
    operands: PREFIX_OPERAND,
  },
  {
    name: "who",
    summary: "List the connections that have set a name.",
    options: [JSON_OPTION, LOCKS_URL_OPTION],
    operands: { usage: "[NAME]", min: 0, max: 1 },
  },
  {
    name: "watch",
    summary: "Print events of locks, one per line, until Ctrl-C.",
    options: [JSON_OPTION, LOCKS_URL_OPTION],
    operands: PREFIX_OPERAND,
  },
  {
    name: "force",
    summary: "Take a lock away from all its holders.",
    options: [
      { name: "why", value: "TEXT", help: "the reason, shown to watchers; required" },
      NAME_OPTION,
      JSON_OPTION,
      LOCKS_URL_OPTION,
    ],
    operands: { usage: "LOCK", min: 1, max: 1, suggest: "locks" },
  },
  {
    name: "pools",
    summary: "List pools with their resources and usage.",
    options: [JSON_OPTION, NAMES_OPTION, POOLS_URL_OPTION],
    operands: { usage: "[POOL]", min: 0, max: 1, suggest: "pools" },
  },
  {
    name: "status",
    summary: "Show the server's version and counters.",
    options: [
      JSON_OPTION,
      LOCKS_URL_OPTION,
      { ...POOLS_URL_OPTION, name: "pools-url", help: "the same server's port for pools" },
    ],
    operands: NO_OPERANDS,
  },
  {
    name: "send",
    summary: "Send protocol lines, given or from stdin, and print the replies.",
    options: [
      { name: "pools", help: "send them to the port for pools" },
      NAME_OPTION,
      JSON_OPTION,
      {
        ...LOCKS_URL_OPTION,
        fallback: `${LOCKS_URL_OPTION.fallback}; with --pools as for holdfast pools`,
      },
    ],
    operands: { usage: "[LINE...]", min: 0, max: Infinity },
  },
  {
    name: "completions",
    summary: `Print a completion script: ${SHELLS.join(", ")}.`,
    options: [],
    operands: { usage: "SHELL", min: 1, max: 1, suggest: SHELLS },
  },
  {
    name: "version",
    summary: "Show the version.",
    options: [JSON_OPTION],
    operands: NO_OPERANDS,
  },
  {
    name: "help",
    summary: "Show how to use a subcommand, or list them all.",
    options: [],
    operands: { usage: "[COMMAND]", min: 0, max: 1, suggest: "commands" },
  },
];
