/**
 * Ends a command and all its descendants after the lock is lost: the children of a shell continue
 * when the shell ends. Lists processes with ps(1) and POSIX options; without ps, ends only the
 * command.
 */
// @ts-types="../../../types/async.d.ts"
import { delay } from "@std/async/delay";
import { settledWithin } from "./hold.ts";

/** A process. The system may reuse its id, but hardly ever within the same process group. */
interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** Interval of checks whether all processes have ended. */
const POLL_MS = 100;

/** Sends SIGTERM, then SIGKILL to those left after `killAfterMs`; waits until the command ends. */
export async function terminateTree(
  command: Deno.ChildProcess,
  killAfterMs: number,
): Promise<void> {
  let remaining = descendantsOf(command.pid, await listProcesses());
  if (killAfterMs > 0) {
    const killAtMs = performance.now() + killAfterMs;
    signalAll(command, remaining, "SIGTERM");
    await settledWithin(command.status, killAfterMs);
    for (;;) {
      const listed = await listProcesses();
      remaining = [...stillRunning(remaining, listed), ...descendantsOf(command.pid, listed)];
      if (remaining.length === 0 || performance.now() >= killAtMs) break;
      await delay(POLL_MS);
    }
  }
  signalAll(command, remaining, "SIGKILL");
  await command.status;
}

function signalAll(
  command: Deno.ChildProcess,
  descendants: readonly ProcessEntry[],
  signal: Deno.Signal,
): void {
  // The command comes first: a shell starts its next command when a child ends.
  try {
    command.kill(signal);
  } catch { /* the command has ended */ }
  for (const { pid } of descendants) {
    try {
      Deno.kill(pid, signal);
    } catch { /* the process has ended; another user's process may have its id */ }
  }
}

/** Returns the descendants of a process: children first, then grandchildren, and so on. */
export function descendantsOf(pid: number, all: readonly ProcessEntry[]): ProcessEntry[] {
  const found: ProcessEntry[] = [];
  const parents = [pid];
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    for (const entry of all) {
      if (entry.parent !== parent || found.includes(entry)) continue;
      found.push(entry);
      parents.push(entry.pid);
    }
  }
  return found;
}

function stillRunning(
  entries: readonly ProcessEntry[],
  listed: readonly ProcessEntry[],
): ProcessEntry[] {
  return entries.filter(({ pid, group }) =>
    listed.some((entry) => entry.pid === pid && entry.group === group)
  );
}

async function listProcesses(): Promise<ProcessEntry[]> {
  if (Deno.build.os === "windows") return [];
  try {
    const args = ["-A", "-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "stat="];
    const { stdout } = await new Deno.Command("ps", { args, stdin: "null", stderr: "null" })
      .output();
    return readProcesses(new TextDecoder().decode(stdout));
  } catch {
    return []; // ps is not installed
  }
}

/** Parses the output of ps; leaves out zombies. */
export function readProcesses(text: string): ProcessEntry[] {
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, group, state] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)/.exec(line) ?? [];
    if (state === undefined || state.startsWith("Z")) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group) }];
  });
}
