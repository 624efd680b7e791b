/**
 * `holdfast run LOCK... -- COMMAND`: holds locks, or a resource of a pool, while a command runs.
 * Checks that the command exists, acquires, runs the command, then releases. Contract: docs/cli.md.
 */
import type { ParsedArguments } from "../../args/parse.ts";
import { log } from "../../log.ts";
import { readEnv } from "../defaults.ts";
import { EXIT, ExitError } from "../exit_codes.ts";
import { escapeControls } from "../terminal_text.ts";
import { checkCommand, findParentDeathPrefix, startCommand } from "./command.ts";
import { type RunHold, settledWithin } from "./hold.ts";
import { acquireLocks } from "./locks.ts";
import { acquirePoolLease } from "./pool_lease.ts";
import { isForeground } from "./posix.ts";
import { terminateTree } from "./process_tree.ts";
import { readRunOptions, type RunOptions } from "./run_options.ts";
import { raiseSignal, SignalForwarder } from "./signals.ts";

/** 128 + n, as a shell reports a program that signal n ended. */
const SIGNAL_STATUS: Readonly<Partial<Record<Deno.Signal, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGTERM: 143,
};
/** 128 alone for other signals, whose numbers differ between systems. */
const OTHER_SIGNAL_STATUS = 128;
/** How long an interrupted run waits for the release of a resource that was just assigned to it. */
const POOL_RELEASE_TIMEOUT_MS = 5000;
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

interface CommandResult {
  readonly status: number;
  readonly signal?: Deno.Signal | undefined;
}

export async function runCommand(args: ParsedArguments): Promise<number> {
  const { status, signal } = await run(readRunOptions(args));
  return signal === undefined ? status : await raiseSignal(signal, status);
}

async function run(options: RunOptions): Promise<CommandResult> {
  const interruption = new AbortController();
  const interrupted = Promise.withResolvers<CommandResult>();
  // Before the command starts, a signal cancels the wait and ends this process.
  using signals = new SignalForwarder((signal) => {
    if (signal === "SIGWINCH") return;
    interruption.abort();
    interrupted.resolve({ status: SIGNAL_STATUS[signal] ?? OTHER_SIGNAL_STATUS, signal });
  });
  const findingPrefix = findParentDeathPrefix();
  try {
    await checkCommand(options.command[0] ?? "", readEnv("PATH") ?? DEFAULT_PATH);
    const acquiring = acquire(options, interruption.signal);
    const holdOrResult = await Promise.race([acquiring, interrupted.promise]);
    if ("status" in holdOrResult) {
      // Closing the connection releases a lock, but not a pool resource: release that explicitly.
      const released = acquiring.then((hold) => hold.release(), () => {});
      if (options.pool !== undefined) await settledWithin(released, POOL_RELEASE_TIMEOUT_MS);
      return holdOrResult;
    }
    const hold = holdOrResult;
    const commandPrefix = await findingPrefix;
    await log.flush(); // so that the wait line is erased before the command prints
    if (!interruption.signal.aborted) {
      return await runWhileHeld(hold, options, commandPrefix, signals);
    }
    await hold.release();
    return await interrupted.promise;
  } catch (error) {
    if (interruption.signal.aborted) return await interrupted.promise;
    if (!(error instanceof ExitError)) throw error;
    log.error(escapeControls(error.message));
    return { status: error.status };
  }
}

async function acquire(options: RunOptions, signal: AbortSignal): Promise<RunHold> {
  if (options.pool !== undefined) return await acquirePoolLease(options, options.pool, signal);
  if (options.lock !== undefined) return await acquireLocks(options, options.lock, signal);
  throw new ExitError(EXIT.usage, "nothing to acquire"); // never: readRunOptions sets one
}

/** Runs the command, then releases the hold. */
async function runWhileHeld(
  hold: RunHold,
  options: RunOptions,
  commandPrefix: readonly string[],
  signals: SignalForwarder,
): Promise<CommandResult> {
  try {
    const command = startCommand(options.command, commandPrefix, hold.env);
    signals.setHandler((signal) => forward(command, signal));
    const lost = hold.lost.then((reason) => ({ reason }));
    const statusOrLoss = await Promise.race([statusOf(command), lost]);
    if (!("reason" in statusOrLoss)) return commandResultOf(statusOrLoss);
    return await handleLoss(statusOrLoss.reason, command, options);
  } finally {
    await hold.release();
  }
}

/** Forwards a signal to the command, unless the terminal has sent it to the command already. */
function forward(command: Deno.ChildProcess, signal: Deno.Signal): void {
  const isFromKeyboard = signal === "SIGINT" || signal === "SIGQUIT" || signal === "SIGWINCH";
  if (isFromKeyboard && isForeground()) return;
  try {
    command.kill(signal);
  } catch { /* the command has ended */ }
}

async function handleLoss(
  reason: string,
  command: Deno.ChildProcess,
  { onLost, killAfterMs }: RunOptions,
): Promise<CommandResult> {
  const action = onLost === "ignore" ? "Continuing" : "Ending";
  log.error(`${action} the command: ${escapeControls(reason)}`);
  if (onLost === "ignore") return commandResultOf(await statusOf(command));
  await terminateTree(command, onLost === "kill" ? 0 : killAfterMs);
  return { status: EXIT.lost };
}

/** Resolves when the command ends. Deno rejects `command.status` for a signal it cannot name. */
async function statusOf(command: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  try {
    return await command.status;
  } catch (error) {
    const number = /Invalid signal: (\d+)/.exec(String(error))?.[1];
    return { success: false, code: 128 + Number(number ?? 0), signal: null };
  }
}

function commandResultOf({ code, signal }: Deno.CommandStatus): CommandResult {
  return { status: code, signal: signal ?? undefined };
}
