/**
 * `holdfast run LOCK... -- COMMAND`: holds something for exactly the life of a command, whose
 * streams, signals and status are ours. In the order of the page: find the command, take the lock,
 * run, give it back. Contract: docs/cli.md.
 */
import { log } from "../../log.ts";
import { EXIT, ExitError } from "../exit_codes.ts";
import type { ParsedOptions } from "../options.ts";
import { variable } from "../defaults.ts";
import { harmless } from "../terminal_text.ts";
import { checkCommand, findKeeper, startCommand } from "./command.ts";
import { end } from "./process_tree.ts";
import { type RunHold, settled } from "./holding.ts";
import { takeLocks } from "./locks.ts";
import { endBy, Signals } from "./signals.ts";
import { takeSlot } from "./pool_lease.ts";
import { isForeground } from "./posix.ts";
import { readRunOptions, type RunOptions } from "./run_options.ts";

/** 128 + n: what a shell says of a program that this signal ended while it waited. */
const STATUS_BY: Readonly<Partial<Record<Deno.Signal, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGTERM: 143,
};
const STATUS_BY_OTHERS = 128;
/** How long to wait for what may just have been given. */
const RELEASE_MS = 5000;
const WHERE_COMMANDS_ARE = "/usr/local/bin:/usr/bin:/bin";

/** How a process ended. */
interface Ended {
  readonly status: number;
  readonly signal?: Deno.Signal | undefined;
}

export async function main(given: ParsedOptions): Promise<number> {
  const { status, signal } = await run(readRunOptions(given));
  return signal === undefined ? status : await endBy(signal, status);
}

async function run(wish: RunOptions): Promise<Ended> {
  const leaving = new AbortController();
  const left = Promise.withResolvers<Ended>();
  // Before the command runs, a signal is for us: the wait is over, and the place in the queue free.
  using signals = new Signals((signal) => {
    if (signal === "SIGWINCH") return;
    leaving.abort();
    left.resolve({ status: STATUS_BY[signal] ?? STATUS_BY_OTHERS, signal });
  });
  const keeper = findKeeper();
  try {
    await checkCommand(wish.command[0] ?? "", variable("PATH") ?? WHERE_COMMANDS_ARE);
    const taking = take(wish, leaving.signal);
    const first = await Promise.race([taking, left.promise]);
    if ("status" in first) {
      // A lock goes with its connection; a place in a pool may just have been given to us.
      const late = taking.then((holding) => holding.release(), () => {});
      if (wish.slot !== undefined) await settled(late, RELEASE_MS);
      return first;
    }
    const kept = await keeper;
    await log.flush(); // the line of the wait is gone before the command shows anything
    if (!leaving.signal.aborted) return await during(first, wish, kept, signals);
    await first.release();
    return await left.promise;
  } catch (error) {
    if (leaving.signal.aborted) return await left.promise;
    if (!(error instanceof ExitError)) throw error;
    log.error(harmless(error.message));
    return { status: error.status };
  }
}

async function take(wish: RunOptions, signal: AbortSignal): Promise<RunHold> {
  if (wish.slot !== undefined) return await takeSlot(wish, wish.slot, signal);
  if (wish.lock !== undefined) return await takeLocks(wish, wish.lock, signal);
  throw new ExitError(EXIT.usage, "nothing to take"); // readWish leaves one of the two
}

/** Runs the command while it is held, and gives it back. */
async function during(
  holding: RunHold,
  wish: RunOptions,
  keeper: readonly string[],
  signals: Signals,
): Promise<Ended> {
  try {
    const command = startCommand(wish.command, keeper, holding.env);
    signals.give((signal) => forward(command, signal));
    const lost = holding.lost.then((why) => ({ why }));
    const first = await Promise.race([statusOf(command), lost]);
    return "why" in first ? await afterLoss(first.why, command, wish) : endOf(first);
  } finally {
    await holding.release();
  }
}

/** What is typed reaches the command by itself: twice is too often for whoever counts. */
function forward(command: Deno.ChildProcess, signal: Deno.Signal): void {
  const typed = signal === "SIGINT" || signal === "SIGQUIT" || signal === "SIGWINCH";
  if (typed && isForeground()) return;
  try {
    command.kill(signal);
  } catch { /* it has ended */ }
}

async function afterLoss(
  why: string,
  command: Deno.ChildProcess,
  wish: RunOptions,
): Promise<Ended> {
  const { onLost, killAfterMs } = wish;
  const what = onLost === "ignore" ? "goes on without it" : "is ended";
  log.error(`lost while the command ran, which ${what}: ${harmless(why)}`);
  if (onLost === "ignore") return endOf(await statusOf(command));
  await end(command, onLost === "kill" ? 0 : killAfterMs);
  return { status: EXIT.lost };
}

/** How it ended; the runtime has no name for some signals, and no status for those. */
async function statusOf(command: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  try {
    return await command.status;
  } catch (error) {
    const number = /Invalid signal: (\d+)/.exec(String(error))?.[1];
    return { success: false, code: 128 + Number(number ?? 0), signal: null };
  }
}

function endOf({ code, signal }: Deno.CommandStatus): Ended {
  return { status: code, signal: signal ?? undefined };
}
