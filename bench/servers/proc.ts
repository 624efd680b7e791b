/** What the kernel tells in /proc about the machine and its processes. Linux only. */
// @ts-types="../../types/async.d.ts"
import { delay } from "@std/async/delay";

/** The kernel counts processor time in hundredths of a second, on every machine. */
const TICKS_PER_SECOND = 100;
const LOOK_MS = 500;
/** Memory has settled when `LOOKS_ALIKE` looks in a row are within `TOLERANCE` of each other. */
const LOOKS_ALIKE = 6;
const TOLERANCE = 0.005;
const LOOKS_MAX = 60;
/** Resets the peak: see clear_refs in proc(5). */
const RESET_PEAK = "5";

/** Returns the date, the machine and the runtime, for a page; nothing that says whose it is. */
export function environment(): string[] {
  const cpuinfo = Deno.readTextFileSync("/proc/cpuinfo");
  // Machines with ARM cores name no model.
  const model = /^model name\s*: (.*)$/m.exec(cpuinfo)?.[1] ?? Deno.build.arch;
  return [
    new Date().toISOString().slice(0, 10),
    `${model}, ${navigator.hardwareConcurrency} cores, Linux ${Deno.osRelease()}`,
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
  ];
}

/** Returns how many descriptors a process may have: this one and those that it starts. */
export function descriptorsMax(): number {
  const limits = Deno.readTextFileSync("/proc/self/limits");
  const limit = /^Max open files\s+(\w+)/m.exec(limits)?.[1];
  return limit === "unlimited" ? Infinity : Number(limit);
}

/** Returns the processor time of all threads of a process, the kernel's work for it included. */
export function cpuSeconds(pid: number | "self"): number {
  return parseCpuSeconds(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/** Parses the text of /proc/PID/stat, in which the program's name may hold any character. */
export function parseCpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory now, and its peak so far. */
export type Memory = "VmRSS" | "VmHWM";

export function memoryBytes(pid: number, kind: Memory = "VmRSS"): number {
  return parseMemoryBytes(Deno.readTextFileSync(`/proc/${pid}/status`), kind);
}

/** Parses the text of /proc/PID/status. */
export function parseMemoryBytes(status: string, kind: Memory): number {
  return 1024 * Number(new RegExp(`^${kind}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
}

/** Makes the peak start again at the memory of now. */
export function resetPeak(pid: number): void {
  Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK);
}

/** Returns the resident memory once it has settled, or after `LOOKS_MAX` looks, half a minute. */
export async function settledBytes(pid: number, signal: AbortSignal): Promise<number> {
  const looks = [memoryBytes(pid)];
  while (!isSettled(looks) && looks.length < LOOKS_MAX) {
    await delay(LOOK_MS, { signal });
    looks.push(memoryBytes(pid));
  }
  return looks.at(-1)!;
}

export function isSettled(looks: readonly number[]): boolean {
  const last = looks.slice(-LOOKS_ALIKE);
  return last.length === LOOKS_ALIKE &&
    Math.max(...last) - Math.min(...last) <= TOLERANCE * last[0]!;
}
