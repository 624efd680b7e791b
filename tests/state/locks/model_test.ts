/** The lock table against a slow, obvious model: random steps, the same outcomes and holders. */
import {
  acquireShared,
  countShared,
  inspect,
  type LockStore,
  newLocks,
  release,
  releaseShared,
  tryAcquire,
} from "../../../lib/state/locks/rules.ts";
import { assertEquals } from "../../support/assert.ts";
import { assertLaws, holdersOfAll, leave } from "../../support/locks.ts";
import { cleanUp } from "../../../lib/state/locks/cleanup.ts";
import { pick, seededRandom, someSeeds } from "../../support/random.ts";

const STEPS = 20_000;
const OWNERS = [1, 2, 3, 4, 5, 6, 7, 8];
const NAMES = ["", "a", "b", "\xff", "__proto__", "constructor"];

type Rule = (locks: LockStore, name: string, owner: number) => unknown;
type Kind = keyof typeof RULES;

const RULES = {
  tryAcquire,
  release,
  inspect,
  acquireShared,
  releaseShared,
  countShared,
  leave: (locks: LockStore, _: string, owner: number) => {
    const { names } = leave(locks, owner, true);
    return [names!.exclusive.sort(), names!.shared.sort()];
  },
} satisfies Record<string, Rule>;

/** Mostly what changes something; leaving is rare, so that locks gather. */
const KINDS: readonly Kind[] = [
  ...Array<Kind[]>(3).fill(["tryAcquire", "release", "acquireShared", "releaseShared"]).flat(),
  "inspect",
  "countShared",
  "leave",
];

/** Who holds what, in the order it was taken. */
type Held = [name: string, owner: number][];

function holdersOf(held: Held, name: string): number[] {
  return held.filter(([its]) => its === name).map(([, owner]) => owner);
}

function namesOf(held: Held, owner: number): string[] {
  return held.filter(([, its]) => its === owner).map(([name]) => name);
}

/** Takes the pair out; whether it was there. */
function remove(held: Held, name: string, owner: number): boolean {
  const at = held.findIndex(([itsName, itsOwner]) => itsName === name && itsOwner === owner);
  if (at >= 0) held.splice(at, 1);
  return at >= 0;
}

class Model implements Record<Kind, (name: string, owner: number) => unknown> {
  readonly exclusive: Held = [];
  readonly shared: Held = [];

  tryAcquire(name: string, owner: number): string {
    const seen = this.inspect(name, owner);
    if (seen === "free") this.exclusive.push([name, owner]);
    return seen === "free" ? "granted" : seen === "own" ? "already held" : "refused";
  }

  release(name: string, owner: number): boolean {
    return remove(this.exclusive, name, owner);
  }

  inspect(name: string, owner: number): string {
    const holders = holdersOf(this.exclusive, name);
    return holders.length === 0 ? "free" : holders.includes(owner) ? "own" : "another's";
  }

  acquireShared(name: string, owner: number): number {
    if (!holdersOf(this.shared, name).includes(owner)) this.shared.push([name, owner]);
    return this.countShared(name);
  }

  releaseShared(name: string, owner: number): boolean {
    return remove(this.shared, name, owner);
  }

  countShared(name: string): number {
    return holdersOf(this.shared, name).length;
  }

  leave(_: string, owner: number): string[][] {
    const [exclusive, shared] = [namesOf(this.exclusive, owner), namesOf(this.shared, owner)];
    for (const name of exclusive) remove(this.exclusive, name, owner);
    for (const name of shared) remove(this.shared, name, owner);
    return [exclusive.sort(), shared.sort()];
  }
}

/** The table as the model would hold it: every name's holders, of both kinds, in their order. */
function holders(locks: LockStore): unknown {
  const { exclusive, shared } = holdersOfAll(locks);
  return [exclusive.sort(byName), shared.sort(byName)];
}

function modelHolders({ exclusive, shared }: Model): unknown {
  return [exclusive, shared].map((held) =>
    NAMES.map((name) => [name, holdersOf(held, name)] as const)
      .filter(([, owners]) => owners.length > 0)
      .sort(byName)
  );
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

for (const [index, seed] of someSeeds().entries()) {
  Deno.test(`the rules agree with a model that only knows pairs, run ${index + 1}`, () => {
    const random = seededRandom(seed);
    const locks = newLocks();
    const model = new Model();
    for (let step = 0; step < STEPS; step++) {
      const [kind, name, owner] = [pick(random, KINDS), pick(random, NAMES), pick(random, OWNERS)];
      const message = `seed ${seed}, step ${step}: ${kind} "${name}" by ${owner}`;
      const rule: Rule = RULES[kind];
      assertEquals(rule(locks, name, owner), model[kind](name, owner), message);
      // Some of what was left behind is still there when the next rules run.
      if (!cleanUp(locks, Math.floor(random() * 3))) continue;
      assertEquals(holders(locks), modelHolders(model), message);
      assertLaws(locks, message);
    }
  });
}
