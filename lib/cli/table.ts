/**
 * The subcommands: one row each, from which the usage pages, the parsing and the completions
 * derive. What they do is in lib/cli/others.ts, and for the server in lib/cli/serve.ts.
 */
import { FLAGS } from "../server/config.ts";
import type { Operands, Option, Shape } from "./options.ts";
import { LOCKS_URL, LOCKS_VARIABLE, POOLS_URL, POOLS_VARIABLE } from "./defaults.ts";

export interface Subcommand extends Shape {
  /** Reads its arguments by itself, as Go programs do. */
  readonly native?: true;
}

const NONE: Operands = { usage: "", min: 0, max: 0 };
const PREFIX: Operands = { usage: "[PREFIX]", min: 0, max: 1, suggest: "locks" };
const JSON_TOO: Option = { name: "json", help: "for programs: JSON" };
const LOCKS: Option = {
  name: "url",
  value: "URL",
  help: "the server: tcp://HOST:PORT, unix:/PATH, ws://HOST:PORT/",
  fallback: `$${LOCKS_VARIABLE}, else ${LOCKS_URL}`,
};
const POOLS: Option = { ...LOCKS, fallback: `$${POOLS_VARIABLE}, else ${POOLS_URL}` };
const NAME: Option = {
  name: "name",
  value: "NAME",
  help: "what others see as the holder",
  fallback: "user@host:pid",
};
const NAMES: Option = { name: "names", help: "the names alone, one a line" };
const SHELLS = ["bash", "zsh", "fish"] as const;

const RUN: readonly Option[] = [
  { name: "wait", value: "TIME", help: "how long to wait; 0: not at all", fallback: "forever" },
  { name: "shared", help: "together with others who say --shared; see --max" },
  { name: "max", value: "N", help: "with --shared, which it implies: how many at once" },
  { name: "read", help: "together with other readers, not with a writer" },
  { name: "write", help: "alone, after all readers" },
  { name: "priority", value: "N", help: "-1000 to 1000, higher first", fallback: "0" },
  { name: "why", value: "TEXT", help: "the reason, shown to those who wait and look" },
  NAME,
  {
    name: "on-lost",
    value: "WHAT",
    help: "when the lock is lost: kill, term (--grace) or ignore",
    fallback: "term",
    suggest: ["kill", "term", "ignore"],
  },
  {
    name: "grace",
    value: "TIME",
    help: "with --on-lost term: from SIGTERM to SIGKILL",
    fallback: "5s",
  },
  {
    name: "lease",
    value: "TIME",
    help: "the lock also ends by itself unless renewed, as run does",
  },
  { name: "keep", value: "TIME", help: "the server keeps the lock so long when we are cut off" },
  {
    name: "deadline",
    value: "TIME",
    help: "silence after which server and we give each other up; 0: it never gives us up",
    fallback: "30s; 0 at a terminal",
  },
  { name: "pool", value: "POOL", help: "a place in a pool instead of locks", suggest: "pools" },
  { name: "as", value: "CONSUMER", help: "with --pool: for whom", fallback: "as --name" },
  { ...LOCKS, fallback: `${LOCKS.fallback}; with --pool as in holdfast pools` },
];

export const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: "serve",
    summary: "Run the server; also what happens without a subcommand.",
    options: FLAGS,
    operands: NONE,
    native: true,
  },
  {
    name: "run",
    summary: "Run a command while holding a lock, or a place in a pool.",
    options: RUN,
    operands: { usage: "LOCK...", min: 0, max: Infinity, suggest: "locks" },
    command: "COMMAND [ARGUMENT...]",
  },
  {
    name: "locks",
    summary: "List the locks, who holds them and who waits.",
    options: [JSON_TOO, NAMES, LOCKS],
    operands: PREFIX,
  },
  {
    name: "who",
    summary: "List the connections that have chosen a name.",
    options: [JSON_TOO, LOCKS],
    operands: { usage: "[NAME]", min: 0, max: 1 },
  },
  {
    name: "watch",
    summary: "Print what happens to locks, a line an event, until Ctrl-C.",
    options: [JSON_TOO, LOCKS],
    operands: PREFIX,
  },
  {
    name: "force",
    summary: "Take a lock away from all who hold it.",
    options: [
      { name: "why", value: "TEXT", help: "the reason, which watchers are told; must be given" },
      NAME,
      JSON_TOO,
      LOCKS,
    ],
    operands: { usage: "LOCK", min: 1, max: 1, suggest: "locks" },
  },
  {
    name: "pools",
    summary: "List the pools, their resources and how many use them.",
    options: [JSON_TOO, NAMES, POOLS],
    operands: { usage: "[POOL]", min: 0, max: 1, suggest: "pools" },
  },
  {
    name: "status",
    summary: "Tell which server that is and how it does.",
    options: [
      JSON_TOO,
      LOCKS,
      { ...POOLS, name: "pools-url", help: "the same server's port for pools" },
    ],
    operands: NONE,
  },
  {
    name: "send",
    summary: "Send lines of the protocol, or those of stdin, and print the answers.",
    options: [
      { name: "pools", help: "to the port for pools" },
      NAME,
      JSON_TOO,
      { ...LOCKS, fallback: `${LOCKS.fallback}; with --pools as in holdfast pools` },
    ],
    operands: { usage: "[LINE...]", min: 0, max: Infinity },
  },
  {
    name: "completions",
    summary: `Print what makes a shell complete all this: ${SHELLS.join(", ")}.`,
    options: [],
    operands: { usage: "SHELL", min: 1, max: 1, suggest: SHELLS },
  },
  {
    name: "version",
    summary: "Tell which Holdfast this is.",
    options: [JSON_TOO],
    operands: NONE,
  },
  {
    name: "help",
    summary: "Tell about a subcommand, or list them all.",
    options: [],
    operands: { usage: "[COMMAND]", min: 0, max: 1, suggest: "commands" },
  },
];
