/** What is told of the machine: nothing that says whose it is. Linux only. */

export function cpuModel(): string {
  const text = Deno.readTextFileSync("/proc/cpuinfo");
  // Machines with ARM cores name none.
  return /^model name\s*: (.*)$/m.exec(text)?.[1] ?? Deno.build.arch;
}

/** How many descriptors a process may have, this one and those it starts. */
export function descriptorsMax(): number {
  const text = Deno.readTextFileSync("/proc/self/limits");
  const limit = /^Max open files\s+(\w+)/m.exec(text)?.[1];
  return limit === "unlimited" ? Infinity : Number(limit);
}

export function kernel(): string {
  return `Linux ${Deno.osRelease()}`;
}

export function runtimes(): readonly string[] {
  return [`Deno ${Deno.version.deno}`, `V8 ${Deno.version.v8}`];
}
