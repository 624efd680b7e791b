/**
 * Bugs that are planted into copies of the program's source: each replaces one line, and the checker
 * must find it. A line that no longer exists is an error, so that no test is lost silently.
 */

export interface PlantedBug {
  readonly title: string;
  /** Relative to lib/. */
  readonly path: string;
  /** Occurs in the file exactly once. */
  readonly source: string;
  readonly replacement: string;
  /** Matches a problem that the checker must report. */
  readonly problem: RegExp;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    title: "the waiter that came last is granted first",
    path: "state/locks/name_queue.ts",
    source: "return this.#levels[0]?.entries.first;",
    replacement: "return this.#levels[0]?.entries.last;",
    problem: /granted before a waiter ahead of it/,
  },
  {
    title: "priorities have no effect",
    path: "state/locks/wait_queue.ts",
    source: "=== undefined ? request.priority : HOLDER_PRIORITY;",
    replacement: "=== undefined ? 0 : HOLDER_PRIORITY;",
    problem: /granted before a waiter ahead of it|had to wait although it could be granted/,
  },
  {
    title: "a new request overtakes waiters",
    path: "state/locks/grant.ts",
    source: "return head !== undefined && head.priority >= request.priority &&",
    replacement: "return head !== undefined && head.priority > 1e9 &&",
    problem: /granted before a waiter ahead of it/,
  },
  {
    title: "a shared lock gets one holder more than max",
    path: "state/locks/grant.ts",
    source: "others === 0 : isOwn || others < max;",
    replacement: "others === 0 : isOwn || others <= max;",
    problem: /granted while it is held by .* and at most \d+ may/,
  },
  {
    title: "mode=write does not conflict with shared holders",
    path: "state/locks/grant.ts",
    source: 'return mode === "write" ? others === 0 :',
    replacement: 'return mode === "write" ? true :',
    problem: /"mode":"write".*granted while it is held by \S+ \((read|shared)/,
  },
  {
    title: "a request for several names holds the free ones while it waits for the rest",
    path: "state/locks/acquire.ts",
    source: "  enqueue(locks, holder, request, waitMs, listener, time);\n",
    replacement: `  for (const name of request.names) {
    const one = { ...request, names: [name] };
    if (request.names.length > 1 && findConflict(locks, holder, one) === undefined) {
      grant(locks, holder, one, time.nowMs, time.nowMs);
    }
  }
  enqueue(locks, holder, request, waitMs, listener, time);\n`,
    problem: /not granted with the rest|only \d+ of its names were granted/,
  },
  {
    title: "a release of several names releases the held ones although one is not held",
    path: "state/locks/acquire.ts",
    source: "if (missing.length > 0) return missing;",
    replacement: "if (missing.length === names.length) return missing;",
    problem: /no event reports the release of/,
  },
  {
    title: "about one token in a hundred is issued twice",
    path: "server/fencing_tokens.ts",
    source: "this.nth++;",
    replacement: "if (this.nth % 100 !== 7 || Math.random() < 0.5) this.nth++;",
    problem: /the token does not increase/,
  },
  {
    title: "the previous hold always counts as released",
    path: "state/locks/grant.ts",
    source: ": { ending, previous };",
    replacement: ': { ending: ending === "none" ? ending : "released", previous };',
    problem: /previous should be .*(expired|forced|closed|lost)/,
  },
  {
    title: "a client that has left keeps waiting",
    path: "state/locks/departure.ts",
    source: "if (waiter !== undefined) unblocked.push(...abandonWait(",
    replacement: "if (waiter === null) unblocked.push(...abandonWait(",
    problem: /has ended but still waits/,
  },
  {
    title: "a wait that times out does not unblock the waiters behind it",
    path: "state/locks/departure.ts",
    source: "if (waiter !== undefined) unblocked.push(...timeOut(locks, waiter, time));",
    replacement: "if (waiter !== undefined) timeOut(locks, waiter, time);",
    problem: /a waiter could be granted, but was not/,
  },
  {
    title: "waits time out too early",
    path: "state/locks/wait_queue.ts",
    source: "const atMs = nowMs + waitMs;",
    replacement: "const atMs = nowMs + (waitMs >>> 1 || Infinity);",
    problem: /too early: its wait limit is \d+ ms/,
  },
  {
    title: "deadlocks are not detected",
    path: "state/locks/acquire.ts",
    source: 'if (cycle !== undefined) return { kind: "deadlock", cycle };',
    replacement: "void cycle;",
    problem: /undetected deadlock/,
  },
  {
    title: "deadlocks are reported where there are none",
    path: "state/locks/acquire.ts",
    source: "const cycle = findCycle(locks, holder, request);",
    replacement: `const blocker = locks.exclusive.get(request.names[0]!)?.holder;
  const cycle = findCycle(locks, holder, request) ??
    (blocker !== undefined && locks.lastWaiterSerial % 10 === 9 ? [holder, blocker] : undefined);`,
    problem: /"0 deadlock cycle=.*: not true at any time/,
  },
  {
    title: "three shared holders are counted as four",
    path: "state/locks/grant.ts",
    source: 'return "lock" in hold ? hold.lock.holds.size : 1;',
    replacement: `const { size } = "lock" in hold ? hold.lock.holds : { size: 1 };
  return size === 3 ? 4 : size;`,
    problem: /the count should be \S*3/,
  },
  {
    title: "renewing a lease has no effect",
    path: "state/locks/acquire.ts",
    source: "if (terms !== undefined) startLease(",
    replacement:
      "if (terms?.leaseMs !== undefined) void nowMs;\n    else if (terms !== undefined) startLease(",
    problem: /too early: its lease ends \d+ ms later/,
  },
  {
    title: "leases never expire",
    path: "state/locks/lease.ts",
    source: "terms.leaseEndMs = nowMs + leaseMs;",
    replacement: "terms.leaseEndMs = nowMs + 1e9;",
    problem: /its lease had ended \d+ ms before/,
  },
  {
    title: "graces do not apply",
    path: "state/locks/departure.ts",
    source: "if (options.withGrace && holder.graceHolds",
    replacement: "if (options.withGrace && Infinity < 0 && holder.graceHolds",
    problem: /its grace of \d+ ms (was dropped|had \d+ ms left)/,
  },
  {
    title: "resume accepts any secret",
    path: "state/locks/departure.ts",
    source: "return difference === 0;",
    replacement: "return difference >= 0;",
    problem: /the secret was wrong|has not ended its connection/,
  },
  {
    title: "bye keeps locks with a grace",
    path: "dispatch/session.ts",
    source: "withGrace: !control.saidBye,",
    replacement: "withGrace: true,",
    problem: /still held after the end of .*, without grace/,
  },
  {
    title: "force spares shared holders",
    path: "state/locks/acquire.ts",
    source: "const holds: Hold[] = [...sharedLockOf(locks, name)?.holds ?? []];",
    replacement: "const holds: Hold[] = []; void sharedLockOf;",
    problem: /the lock had \d+ holders|it was held/,
  },
];

/** The files and folders that make up the program. */
const PARTS = ["lib", "main.ts", "deno.json", "deno.lock"] as const;
const ROOT = new URL("../../../", import.meta.url).pathname;

/** Returns the source of a file with the bug in it. Rejects unless the line occurs exactly once. */
export async function sourceWithBug(bug: PlantedBug): Promise<string> {
  const text = await Deno.readTextFile(`${ROOT}lib/${bug.path}`);
  const count = text.split(bug.source).length - 1;
  if (count === 1) return text.replace(bug.source, () => bug.replacement);
  throw new Error(
    `Cannot plant the bug "${bug.title}": its line occurs ${count} times in lib/${bug.path}. ` +
      `Update tests/support/history/planted_bugs.ts, which has: ${bug.source}`,
  );
}

/**
 * Copies the program into an empty folder, with the bug if one is given. Returns the command that
 * starts the copy.
 */
export async function copyProgram(
  folder: string,
  bug?: PlantedBug,
): Promise<[string, ...string[]]> {
  for (const part of PARTS) await copy(`${ROOT}${part}`, `${folder}/${part}`);
  if (bug !== undefined) {
    await Deno.writeTextFile(`${folder}/lib/${bug.path}`, await sourceWithBug(bug));
  }
  const rights = ["--no-prompt", "--allow-net", "--allow-read", "--allow-write", "--allow-ffi"];
  const config = `--config=${folder}/deno.json`;
  return [Deno.execPath(), "run", ...rights, config, `${folder}/main.ts`];
}

async function copy(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}
