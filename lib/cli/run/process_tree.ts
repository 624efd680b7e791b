/**
 * A command with all that it has started: whoever loses the lock must stop, and a shell that ends
 * leaves what it was running behind. Asked of ps(1), whose options are POSIX's; without it there is
 * the command alone.
 */

import { settled } from "./holding.ts";

/** A process; the number may be another's later, hardly in the same group. */
interface Member {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** How often to look whether all have ended. */
const LOOK_MS = 100;

/** Sends SIGTERM to all, and SIGKILL to those that are left after so long; resolves when all ended. */
export async function end(command: Deno.ChildProcess, killAfterMs: number): Promise<void> {
  let left = familyOf(command.pid, await processes());
  if (killAfterMs > 0) {
    const until = performance.now() + killAfterMs;
    signal(command, left, "SIGTERM");
    await settled(command.status, killAfterMs);
    for (;;) {
      const now = await processes();
      left = [...alive(left, now), ...familyOf(command.pid, now)];
      if (left.length === 0 || performance.now() >= until) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  signal(command, left, "SIGKILL");
  await command.status;
}

function signal(command: Deno.ChildProcess, family: readonly Member[], name: Deno.Signal): void {
  // The command first: what it starts when it is told that its child has ended, it starts no more.
  try {
    command.kill(name);
  } catch { /* it has ended */ }
  for (const { pid } of family) {
    try {
      Deno.kill(pid, name);
    } catch { /* it has ended, or is another user's by now */ }
  }
}

/** Those below a process, nearest first. */
export function familyOf(pid: number, all: readonly Member[]): Member[] {
  const found: Member[] = [];
  const parents = [pid];
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    for (const member of all) {
      if (member.parent !== parent || found.includes(member)) continue;
      found.push(member);
      parents.push(member.pid);
    }
  }
  return found;
}

/** Those of a family that still are. */
function alive(family: readonly Member[], now: readonly Member[]): Member[] {
  return family.filter(({ pid, group }) =>
    now.some((other) => other.pid === pid && other.group === group)
  );
}

async function processes(): Promise<Member[]> {
  if (Deno.build.os === "windows") return [];
  try {
    const args = ["-A", "-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "stat="];
    const { stdout } = await new Deno.Command("ps", { args, stdin: "null", stderr: "null" })
      .output();
    return readProcesses(new TextDecoder().decode(stdout));
  } catch {
    return []; // no ps here
  }
}

/** Reads what ps printed; those that have ended and wait to be asked for are none. */
export function readProcesses(text: string): Member[] {
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, group, state] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)/.exec(line) ?? [];
    if (state === undefined || state.startsWith("Z")) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group) }];
  });
}
