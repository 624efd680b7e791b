/** What `holdfast run` is asked for, out of its options: pure. Times in milliseconds. */
import { HOLDERS_MAX, LOCK_NAMES_MAX, PRIORITY_MAX } from "../../wire/extended.ts";
import type { AcquireOptions, Mode } from "../../client/mod.ts";
import { UsageError } from "../../server/flags.ts";
import type { ParsedOptions } from "../options.ts";

export const ON_LOST = ["kill", "term", "ignore"] as const;
export type OnLost = typeof ON_LOST[number];

const KILL_AFTER_MS = 5000;

export interface RunLockOptions {
  readonly names: readonly string[];
  /** All but how long to wait. */
  readonly options: AcquireOptions;
  /** undefined: `run` decides. */
  readonly deadlineMs: number | undefined;
}

export interface RunPoolOptions {
  readonly pool: string;
  /** undefined: the name of the connection. */
  readonly consumer: string | undefined;
}

export interface RunOptions {
  readonly wait: number | "forever";
  readonly lock?: RunLockOptions;
  readonly slot?: RunPoolOptions;
  readonly url: string | undefined;
  readonly name: string | undefined;
  readonly onLost: OnLost;
  /** Between SIGTERM and SIGKILL when it is lost. */
  readonly killAfterMs: number;
  readonly command: readonly string[];
}

/** Options that a pool has no use for. */
const OF_LOCKS = "shared max read write priority lease keep why deadline".split(" ");

/** Throws `UsageError`. */
export function readRunOptions(given: ParsedOptions): RunOptions {
  const common = {
    wait: given.text("wait") === "forever" ? "forever" as const : given.time("wait") ?? "forever",
    url: given.text("url"),
    name: given.text("name"),
    onLost: given.oneOf("on-lost", ON_LOST) ?? "term",
    killAfterMs: given.time("grace") ?? KILL_AFTER_MS,
    command: given.command,
  };
  const pool = given.text("pool");
  if (pool === undefined) return { ...common, lock: readLockWish(given) };
  if (given.operands.length > 0) {
    throw new UsageError(
      `Locks or --pool, not both; for both: holdfast run ${given.operands[0]} -- holdfast run ` +
        `--pool ${pool} -- ${given.command[0]} ...`,
    );
  }
  const wrong = OF_LOCKS.find((name) => given.text(name) !== undefined);
  if (wrong !== undefined) throw new UsageError(`--${wrong} is for locks, and --pool for pools`);
  for (const name of [pool, given.text("as") ?? "-"]) {
    if (!/^\S+$/.test(name)) throw new UsageError(`Pools and consumers have no blanks: "${name}"`);
  }
  return { ...common, slot: { pool, consumer: given.text("as") } };
}

function readLockWish(given: ParsedOptions): RunLockOptions {
  const names = given.operands;
  if (names.length === 0) throw new UsageError("run needs the name of a LOCK, or --pool POOL");
  if (names.length > LOCK_NAMES_MAX) {
    throw new UsageError(`run takes at most ${LOCK_NAMES_MAX} locks`);
  }
  if (names.includes("")) {
    throw new UsageError("A LOCK is empty; is a variable of the shell not set?");
  }
  const broken = names.find((name) => name.includes("\ufffd"));
  if (broken !== undefined) throw new UsageError(`The lock ${broken} is no valid UTF-8`);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new UsageError(`The lock ${twice} is named twice`);
  if (given.text("as") !== undefined) throw new UsageError("--as goes with --pool");
  const max = given.integer("max", 1, HOLDERS_MAX);
  return {
    names,
    options: {
      mode: readMode(given, max !== undefined),
      max,
      priority: given.integer("priority", -PRIORITY_MAX, PRIORITY_MAX),
      lease: positive(given, "lease"),
      grace: positive(given, "keep"),
      why: given.text("why"),
    },
    deadlineMs: given.time("deadline"),
  };
}

function readMode(given: ParsedOptions, hasMax: boolean): Mode {
  const modes = (["shared", "read", "write"] as const).filter((mode) => given.has(mode));
  const [mode, other] = modes;
  if (other !== undefined) throw new UsageError(`--${mode} or --${other}, not both`);
  if (hasMax && mode !== undefined && mode !== "shared") {
    throw new UsageError(`--max goes with --shared, not with --${mode}`);
  }
  return mode ?? (hasMax ? "shared" : "exclusive");
}

function positive(given: ParsedOptions, name: string): number | undefined {
  const ms = given.time(name);
  if (ms === 0) throw new UsageError(`--${name} is longer than nothing; leave it out instead`);
  return ms;
}
