/** How much of a core a process takes, as the kernel counts it. Linux only. */

/** The kernel tells times in hundredths of a second, on every machine. */
const TICKS_A_SECOND = 100;

/** Seconds that the process and its threads have computed so far, the kernel's work for it included. */
export function busySeconds(pid: number | "self"): number {
  return busySecondsOf(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/** The same from the text of /proc/PID/stat. The name of the program may hold anything. */
export function busySecondsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
