/** The lock table against a slow, obvious model: random steps, the same outcomes and holders. */
import { cleanUp } from "../../../lib/state/locks/cleanup.ts";
import {
  acquireShared,
  countShared,
  lockStatus,
  release,
  releaseShared,
  tryAcquire,
} from "../../../lib/state/locks/rules.ts";
import { type LockStore, newLockStore } from "../../../lib/state/locks/store.ts";
import { assertEquals } from "../../support/assert.ts";
import { assertInvariants, holdersOfAll, leave } from "../../support/locks.ts";
import { pick, seededRandom, someSeeds } from "../../support/random.ts";

const STEPS = 20_000;
const OWNERS = [1, 2, 3, 4, 5, 6, 7, 8];
const NAMES = ["", "a", "b", "\xff", "__proto__", "constructor"];

type Rule = (locks: LockStore, name: string, owner: number) => unknown;
type Kind = keyof typeof RULES;

const RULES = {
  tryAcquire,
  release,
  lockStatus,
  acquireShared,
  releaseShared,
  countShared,
  leave: (locks: LockStore, _: string, owner: number) => {
    const { names } = leave(locks, owner, true);
    return [names!.exclusive.sort(), names!.shared.sort()];
  },
} satisfies Record<string, Rule>;

/** Mostly rules that change something. Leaving is rare, so that locks accumulate. */
const KINDS: readonly Kind[] = [
  ...Array<Kind[]>(3).fill(["tryAcquire", "release", "acquireShared", "releaseShared"]).flat(),
  "lockStatus",
  "countShared",
  "leave",
];

/** Holders and the names they hold, in the order of grants. */
type Held = [name: string, owner: number][];

function holdersOf(held: Held, name: string): number[] {
  return held.filter(([other]) => other === name).map(([, owner]) => owner);
}

function namesOf(held: Held, owner: number): string[] {
  return held.filter(([, other]) => other === owner).map(([name]) => name);
}

/** Removes the pair. Returns whether it was present. */
function remove(held: Held, name: string, owner: number): boolean {
  const at = held.findIndex(([otherName, otherOwner]) =>
    otherName === name && otherOwner === owner
  );
  if (at >= 0) held.splice(at, 1);
  return at >= 0;
}

class Model implements Record<Kind, (name: string, owner: number) => unknown> {
  readonly exclusive: Held = [];
  readonly shared: Held = [];

  tryAcquire(name: string, owner: number): string {
    const seen = this.lockStatus(name, owner);
    if (seen === "free") this.exclusive.push([name, owner]);
    return seen === "free" ? "granted" : seen === "own" ? "already held" : "refused";
  }

  release(name: string, owner: number): boolean {
    return remove(this.exclusive, name, owner);
  }

  lockStatus(name: string, owner: number): string {
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

/** Returns the holders of every name, of both kinds, in order, for comparison with the model. */
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
  Deno.test(`the rules agree with a model made of pairs, run ${index + 1}`, () => {
    const random = seededRandom(seed);
    const locks = newLockStore();
    const model = new Model();
    for (let step = 0; step < STEPS; step++) {
      const [kind, name, owner] = [pick(random, KINDS), pick(random, NAMES), pick(random, OWNERS)];
      const message = `seed ${seed}, step ${step}: ${kind} "${name}" by ${owner}`;
      const rule: Rule = RULES[kind];
      assertEquals(rule(locks, name, owner), model[kind](name, owner), message);
      // Often some stale entries are still there when the next rule runs.
      if (!cleanUp(locks, Math.floor(random() * 3))) continue;
      assertEquals(holders(locks), modelHolders(model), message);
      assertInvariants(locks, message);
    }
  });
}
