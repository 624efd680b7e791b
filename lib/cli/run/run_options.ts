/** The options of `holdfast run`, checked and typed. Pure. Times are in milliseconds. */
import type { ParsedArguments } from "../../args/parse.ts";
import { UsageError } from "../../args/rows.ts";
import type { AcquireOptions, Mode } from "../../client/mod.ts";
import { HOLDERS_MAX, LOCK_NAMES_MAX, PRIORITY_MAX } from "../../wire/extended.ts";

export const ON_LOST = ["kill", "term", "ignore"] as const;
export type OnLost = typeof ON_LOST[number];

const GRACE_MS = 5000;

export interface RunLockOptions {
  readonly names: readonly string[];
  /** Without `wait`. */
  readonly options: AcquireOptions;
  /** --deadline; if undefined, the default depends on whether there is a terminal. */
  readonly idleTimeoutMs: number | undefined;
}

export interface RunPoolOptions {
  readonly pool: string;
  /** If undefined, the name of the connection. */
  readonly consumer: string | undefined;
}

/** Either `lock` or `pool` is set. */
export interface RunOptions {
  readonly wait: number | "forever";
  readonly lock?: RunLockOptions;
  readonly pool?: RunPoolOptions;
  readonly url: string | undefined;
  readonly name: string | undefined;
  readonly onLost: OnLost;
  /** Time from SIGTERM to SIGKILL after the lock is lost. */
  readonly killAfterMs: number;
  readonly command: readonly string[];
}

/** Options that do not apply to pools. */
const LOCK_ONLY = "shared max read write priority lease keep why deadline".split(" ");

/** Throws `UsageError`. */
export function readRunOptions(args: ParsedArguments): RunOptions {
  const common = {
    wait: args.text("wait") === "forever" ? "forever" as const : args.duration("wait") ?? "forever",
    url: args.text("url"),
    name: args.text("name"),
    onLost: args.oneOf("on-lost", ON_LOST) ?? "term",
    killAfterMs: args.duration("grace") ?? GRACE_MS,
    command: args.command,
  };
  const pool = args.text("pool");
  if (pool === undefined) return { ...common, lock: readLockOptions(args) };
  const [name] = args.operands;
  if (name !== undefined) {
    throw new UsageError(
      `Cannot combine LOCK and --pool; to hold both: holdfast run ${name} -- ` +
        `holdfast run --pool ${pool} -- ${args.command[0]} ...`,
    );
  }
  const lockOnly = LOCK_ONLY.find((option) => args.isGiven(option));
  if (lockOnly !== undefined) {
    throw new UsageError(`Cannot combine --${lockOnly} and --pool: it applies to locks only`);
  }
  for (const word of [pool, args.text("as") ?? "-"]) {
    if (/^\S+$/.test(word)) continue;
    throw new UsageError(
      `Cannot use "${word}" with --pool: names must not be empty or have blanks`,
    );
  }
  return { ...common, pool: { pool, consumer: args.text("as") } };
}

function readLockOptions(args: ParsedArguments): RunLockOptions {
  checkNames(args.operands);
  if (args.isGiven("as")) throw new UsageError("Cannot use --as without --pool");
  const max = args.integer("max", 1, HOLDERS_MAX);
  return {
    names: args.operands,
    options: {
      mode: readMode(args, max !== undefined),
      max,
      priority: args.integer("priority", -PRIORITY_MAX, PRIORITY_MAX),
      lease: positiveDuration(args, "lease"),
      grace: positiveDuration(args, "keep"),
      why: args.text("why"),
    },
    idleTimeoutMs: args.duration("deadline"),
  };
}

function checkNames(names: readonly string[]): void {
  if (names.length === 0) throw new UsageError("Cannot run: LOCK or --pool POOL is missing");
  if (names.length > LOCK_NAMES_MAX) {
    throw new UsageError(`Cannot hold ${names.length} locks: at most ${LOCK_NAMES_MAX}`);
  }
  if (names.includes("")) {
    throw new UsageError('Cannot lock "": the name is empty; is a shell variable not set?');
  }
  const invalid = names.find((name) => name.includes("\ufffd"));
  if (invalid !== undefined) throw new UsageError(`Cannot lock "${invalid}": not valid UTF-8`);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new UsageError(`Cannot lock "${twice}" twice`);
}

function readMode(args: ParsedArguments, hasMax: boolean): Mode {
  const modes = (["shared", "read", "write"] as const).filter((mode) => args.boolean(mode));
  const [mode, other] = modes;
  if (other !== undefined) throw new UsageError(`Cannot combine --${mode} and --${other}`);
  if (hasMax && mode !== undefined && mode !== "shared") {
    throw new UsageError(`Cannot combine --max and --${mode}: --max implies --shared`);
  }
  return mode ?? (hasMax ? "shared" : "exclusive");
}

function positiveDuration(args: ParsedArguments, option: string): number | undefined {
  const ms = args.duration(option);
  if (ms !== 0) return ms;
  throw new UsageError(`--${option} must be greater than zero; omit it for none`);
}
