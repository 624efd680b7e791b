/**
 * Bugs to be planted into the program's source, each of which the checker must find: a line is
 * replaced in a copy of it. Law: a place that is no longer there is an error, not a test less.
 */

export interface PlantedBug {
  readonly title: string;
  /** Below lib/. */
  readonly path: string;
  /** Stands there exactly once. */
  readonly source: string;
  readonly replacement: string;
  /** What the checker must say of it. */
  readonly found: RegExp;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    title: "the last to come is the first to be served",
    path: "state/queue.ts",
    source: "return this.#lanes[0]?.places.first;",
    replacement: "return this.#lanes[0]?.places.last;",
    found: /granted before one that stands before it/,
  },
  {
    title: "priorities change nothing",
    path: "state/serving.ts",
    source: "=== undefined ? wish.priority : OWN_PRIORITY;",
    replacement: "=== undefined ? 0 : OWN_PRIORITY;",
    found: /granted before one that stands before it|made to wait for nothing/,
  },
  {
    title: "a newcomer overtakes those who wait",
    path: "state/granting.ts",
    source: "return head !== undefined && head.priority >= wish.priority &&",
    replacement: "return head !== undefined && head.priority > 1e9 &&",
    found: /granted before one that stands before it/,
  },
  {
    title: "one more than max",
    path: "state/granting.ts",
    source: "others === 0 : isOwn || others < max;",
    replacement: "others === 0 : isOwn || others <= max;",
    found: /granted while it is held by .* and at most \d+ may/,
  },
  {
    title: "a writer does not mind readers",
    path: "state/granting.ts",
    source: 'return mode === "write" ? others === 0 :',
    replacement: 'return mode === "write" ? true :',
    found: /"mode":"write".*granted while it is held by \S+ \((read|shared)/,
  },
  {
    title: "of several names, what is free is held while the rest is waited for",
    path: "state/acquiring.ts",
    source: "  enqueue(locks, holder, wish, waitMs, ear, time);\n",
    replacement: `  for (const name of wish.names) {
    const one = { ...wish, names: [name] };
    if (wish.names.length > 1 && obstacle(locks, holder, one) === undefined) {
      grant(locks, holder, one, time.nowMs, time.nowMs);
    }
  }
  enqueue(locks, holder, wish, waitMs, ear, time);\n`,
    found: /not granted with the rest|only \d+ of its names were granted/,
  },
  {
    title: "of several names, those that are held are given back though one is not",
    path: "state/acquiring.ts",
    source: "if (missing.length > 0) return missing;",
    replacement: "if (missing.length === names.length) return missing;",
    found: /no event tells of the release of/,
  },
  {
    title: "one token in a hundred is given twice",
    path: "server/tokens.ts",
    source: "this.nth++;",
    replacement: "if (this.nth % 100 !== 7 || Math.random() < 0.5) this.nth++;",
    found: /the token does not rise/,
  },
  {
    title: "whoever was before, gave back",
    path: "state/granting.ts",
    source: ": { ending, previous };",
    replacement: ': { ending: ending === "none" ? ending : "released", previous };',
    found: /previous is .*(expired|forced|closed|lost)/,
  },
  {
    title: "one who has gone goes on waiting",
    path: "state/leaving.ts",
    source: "if (waiter !== undefined) wanted.push(...giveUp(",
    replacement: "if (waiter === null) wanted.push(...giveUp(",
    found: /has gone and still waits/,
  },
  {
    title: "whoever gives up waiting does not let on those behind",
    path: "state/leaving.ts",
    source: "if (waiter !== undefined) opened.push(...timeOut(locks, waiter, time));",
    replacement: "if (waiter !== undefined) timeOut(locks, waiter, time);",
    found: /all was free for a waiter that did not get it/,
  },
  {
    title: "patience ends too early",
    path: "state/serving.ts",
    source: "const atMs = nowMs + waitMs;",
    replacement: "const atMs = nowMs + (waitMs >>> 1 || Infinity);",
    found: /too early: it would wait \d+ ms/,
  },
  {
    title: "nobody looks for deadlocks",
    path: "state/acquiring.ts",
    source: 'if (cycle !== undefined) return { kind: "deadlock", cycle };',
    replacement: "void cycle;",
    found: /a deadlock that nobody saw/,
  },
  {
    title: "deadlocks are seen where there are none",
    path: "state/acquiring.ts",
    source: "const cycle = findCycle(locks, holder, wish);",
    replacement: `const holding = locks.exclusive.get(wish.names[0]!)?.holder;
  const cycle = findCycle(locks, holder, wish) ??
    (holding !== undefined && locks.arrivals % 10 === 9 ? [holder, holding] : undefined);`,
    found: /"0 deadlock cycle=.*: never true meanwhile/,
  },
  {
    title: "three who share are counted as four",
    path: "state/granting.ts",
    source: 'return "lock" in holding ? holding.lock.holds.size : 1;',
    replacement: `const { size } = "lock" in holding ? holding.lock.holds : { size: 1 };
  return size === 3 ? 4 : size;`,
    found: /the count is \S*3/,
  },
  {
    title: "renewing changes nothing",
    path: "state/acquiring.ts",
    source: "if (terms !== undefined) lease(",
    replacement:
      "if (terms?.leaseMs !== undefined) void nowMs;\n    else if (terms !== undefined) lease(",
    found: /too early: its lease ends \d+ ms later/,
  },
  {
    title: "leases last for ever",
    path: "state/terms.ts",
    source: "terms.leaseEndMs = nowMs + leaseMs;",
    replacement: "terms.leaseEndMs = nowMs + 1e9;",
    found: /its lease had ended \d+ ms before/,
  },
  {
    title: "grace is not granted",
    path: "state/leaving.ts",
    source: "if (how.withGrace && holder.kept",
    replacement: "if (how.withGrace && Infinity < 0 && holder.kept",
    found: /its grace of \d+ ms (was dropped|had \d+ left)/,
  },
  {
    title: "any secret will do",
    path: "state/leaving.ts",
    source: "return difference === 0;",
    replacement: "return difference >= 0;",
    found: /the secret was a wrong one|has done nothing to end its connection/,
  },
  {
    title: "goodbye keeps what has grace",
    path: "dispatch/session.ts",
    source: "withGrace: !speaker.isPolite,",
    replacement: "withGrace: true,",
    found: /outlived .*, without grace/,
  },
  {
    title: "force spares those who share",
    path: "state/acquiring.ts",
    source: "const holdings: Holding[] = [...settled(locks, name)?.holds ?? []];",
    replacement: "const holdings: Holding[] = []; void settled;",
    found: /it had \d+ holders|somebody held it/,
  },
];

/** What of the source makes up the program. */
const PARTS = ["lib", "main.ts", "deno.json", "deno.lock"] as const;
const ROOT = new URL("../../../", import.meta.url).pathname;

/** The source of that file with the bug in it; rejects when its place is not there once. */
export async function bugged(bug: PlantedBug): Promise<string> {
  const text = await Deno.readTextFile(`${ROOT}lib/${bug.path}`);
  const count = text.split(bug.source).length - 1;
  if (count === 1) return text.replace(bug.source, () => bug.replacement);
  throw new Error(
    `The place for the bug "${bug.title}" is ${count} times in lib/${bug.path}, and must be there ` +
      `once; say in tests/support/history/planted.ts where it is now: ${bug.source}`,
  );
}

/** Copies the program into an empty folder, with the bug if one is given; how it is started. */
export async function plant(folder: string, bug?: PlantedBug): Promise<[string, ...string[]]> {
  for (const part of PARTS) await copy(`${ROOT}${part}`, `${folder}/${part}`);
  if (bug !== undefined) await Deno.writeTextFile(`${folder}/lib/${bug.path}`, await bugged(bug));
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
