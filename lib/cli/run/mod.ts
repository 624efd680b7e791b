/**
 * `holdfast run LOCK... -- COMMAND`: holds locks, or a resource of a pool, for the life of a
 * command. Finds the command, acquires, runs, releases, in this order. Contract: docs/cli.md.
 */
import type { ParsedArguments } from "../../args/parse.ts";
import { log } from "../../log.ts";
import { readEnv } from "../defaults.ts";
import { EXIT, ExitError } from "../exit_codes.ts";
import { harmless } from "../terminal_text.ts";
import { checkCommand, findParentDeathWrapper, startCommand } from "./command.ts";
import { type RunHold, settledWithin } from "./hold.ts";
import { acquireLocks } from "./locks.ts";
import { acquirePoolLease } from "./pool_lease.ts";
import { isForeground } from "./posix.ts";
import { terminateTree } from "./process_tree.ts";
import { readRunOptions, type RunOptions } from "./run_options.ts";
import { endBy, SignalForwarder } from "./signals.ts";

/** 128 + n, as shells report a program that a signal ended. */
const SIGNAL_STATUS: Readonly<Partial<Record<Deno.Signal, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGTERM: 143,
};
const OTHER_SIGNAL_STATUS = 128;
/** How long an interrupted run waits for a resource that it may just have been assigned. */
const RELEASE_TIMEOUT_MS = 5000;
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

interface CommandEnd {
  readonly status: number;
  readonly signal?: Deno.Signal | undefined;
}

export async function runCommand(args: ParsedArguments): Promise<number> {
  const { status, signal } = await run(readRunOptions(args));
  return signal === undefined ? status : await endBy(signal, status);
}

async function run(options: RunOptions): Promise<CommandEnd> {
  const interruption = new AbortController();
  const interrupted = Promise.withResolvers<CommandEnd>();
  // Until the command runs, a signal ends this process and leaves the wait queue.
  using signals = new SignalForwarder((signal) => {
    if (signal === "SIGWINCH") return;
    interruption.abort();
    interrupted.resolve({ status: SIGNAL_STATUS[signal] ?? OTHER_SIGNAL_STATUS, signal });
  });
  const wrapper = findParentDeathWrapper();
  try {
    await checkCommand(options.command[0] ?? "", readEnv("PATH") ?? DEFAULT_PATH);
    const acquiring = acquire(options, interruption.signal);
    const first = await Promise.race([acquiring, interrupted.promise]);
    if ("status" in first) {
      // A lock ends with its connection; a resource of a pool may just have been assigned.
      const released = acquiring.then((hold) => hold.release(), () => {});
      if (options.pool !== undefined) await settledWithin(released, RELEASE_TIMEOUT_MS);
      return first;
    }
    const prefix = await wrapper;
    await log.flush(); // so that the wait line is gone before the command prints
    if (!interruption.signal.aborted) return await runWhileHeld(first, options, prefix, signals);
    await first.release();
    return await interrupted.promise;
  } catch (error) {
    if (interruption.signal.aborted) return await interrupted.promise;
    if (!(error instanceof ExitError)) throw error;
    log.error(harmless(error.message));
    return { status: error.status };
  }
}

async function acquire(options: RunOptions, signal: AbortSignal): Promise<RunHold> {
  if (options.pool !== undefined) return await acquirePoolLease(options, options.pool, signal);
  if (options.lock !== undefined) return await acquireLocks(options, options.lock, signal);
  throw new ExitError(EXIT.usage, "nothing to acquire"); // readRunOptions sets one of the two
}

/** Runs the command, then releases. */
async function runWhileHeld(
  hold: RunHold,
  options: RunOptions,
  wrapper: readonly string[],
  signals: SignalForwarder,
): Promise<CommandEnd> {
  try {
    const command = startCommand(options.command, wrapper, hold.env);
    signals.setHandler((signal) => forward(command, signal));
    const lost = hold.lost.then((reason) => ({ reason }));
    const first = await Promise.race([statusOf(command), lost]);
    if (!("reason" in first)) return commandEndOf(first);
    return await endAfterLoss(first.reason, command, options);
  } finally {
    await hold.release();
  }
}

/** A signal from the keyboard reaches the command by itself; forwarded, it would come twice. */
function forward(command: Deno.ChildProcess, signal: Deno.Signal): void {
  const isFromKeyboard = signal === "SIGINT" || signal === "SIGQUIT" || signal === "SIGWINCH";
  if (isFromKeyboard && isForeground()) return;
  try {
    command.kill(signal);
  } catch { /* it has ended */ }
}

async function endAfterLoss(
  reason: string,
  command: Deno.ChildProcess,
  { onLost, killAfterMs }: RunOptions,
): Promise<CommandEnd> {
  const action = onLost === "ignore" ? "Continuing" : "Ending";
  log.error(`${action} the command: ${harmless(reason)}`);
  if (onLost === "ignore") return commandEndOf(await statusOf(command));
  await terminateTree(command, onLost === "kill" ? 0 : killAfterMs);
  return { status: EXIT.lost };
}

/** Resolves when the command ends. The runtime rejects for signals that it has no name for. */
async function statusOf(command: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  try {
    return await command.status;
  } catch (error) {
    const number = /Invalid signal: (\d+)/.exec(String(error))?.[1];
    return { success: false, code: 128 + Number(number ?? 0), signal: null };
  }
}

function commandEndOf({ code, signal }: Deno.CommandStatus): CommandEnd {
  return { status: code, signal: signal ?? undefined };
}
