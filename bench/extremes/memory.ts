/** How much memory a process has, as the kernel counts it. Linux only. */
import { pause } from "./pause.ts";

const LOOK_MS = 500;
/** How many looks in a row must be alike, how alike, and how many there are at most. */
const LOOKS_ALIKE = 6;
const ALIKE = 0.005;
const LOOKS_MAX = 60;
/** Makes the kernel forget the peak: see proc(5), clear_refs. */
const FORGET_PEAK = "5";

/** Resident now, and at most so far. */
export type Kind = "VmRSS" | "VmHWM";

export function residentBytes(pid: number, kind: Kind = "VmRSS"): number {
  return residentBytesOf(Deno.readTextFileSync(`/proc/${pid}/status`), kind);
}

/** The same from the text of /proc/PID/status. */
export function residentBytesOf(status: string, kind: Kind): number {
  return 1024 * Number(new RegExp(`^${kind}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
}

export function forgetPeak(pid: number): void {
  Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, FORGET_PEAK);
}

/** Resident once that does not change any more, or when it will not stop to. */
export async function settledBytes(pid: number, signal: AbortSignal): Promise<number> {
  const looks = [residentBytes(pid)];
  while (!isSettled(looks) && looks.length < LOOKS_MAX) {
    await pause(LOOK_MS, signal);
    looks.push(residentBytes(pid));
  }
  return looks.at(-1)!;
}

export function isSettled(looks: readonly number[]): boolean {
  const last = looks.slice(-LOOKS_ALIKE);
  return last.length === LOOKS_ALIKE && Math.max(...last) - Math.min(...last) <= ALIKE * last[0]!;
}
