/**
 * The pool table against a slow, obvious model: random commands, the same outcomes, the same table.
 * A failure is shown as the shortest sequence found that fails; `deno test FILE -- --seed=N` repeats
 * a run.
 */
import { type Budget, used } from "../../../lib/state/pools/budget.ts";
import { judge } from "../../../lib/state/pools/master.ts";
import type { Pools } from "../../../lib/state/pools/model.ts";
import { expire } from "../../../lib/state/pools/sessions.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { OTHER_COMMANDS, outcomeOf, SESSION_COMMANDS } from "../../support/pool_commands.ts";
import { assertLaws, plain, plainModel } from "../../support/pool_model_laws.ts";
import type { PoolModel } from "../../support/pool_model.ts";
import * as slow from "../../support/pool_model_sessions.ts";
import {
  newTables,
  someSteps,
  someWorld,
  type Step,
  type World,
} from "../../support/pool_world.ts";
import { seededRandom, someSeeds } from "../../support/random.ts";

const WORLDS = 80;
const STEPS = 500;
/** Only what these do may leave more used than there is. */
const MAY_OVERUSE = /^(set-resource|set-ratio|set-used|couple|decouple) /;

interface Failure {
  /** How many steps it took. */
  steps: number;
  error: unknown;
}

/** Looking at what is ranked late ranks it: mostly the rules are to do that themselves. */
const REFRESH_EVERY = 7;

/** Takes the steps on new tables; `onOutcome` is told what became of each. */
function play(
  world: World,
  steps: readonly Step[],
  onOutcome: (step: Step, outcome: unknown) => void = () => {},
): Failure | undefined {
  const [pools, model] = newTables(world);
  let nowMs = world.startMs;
  let overused = new Map<Budget, number>();
  for (const [index, step] of steps.entries()) {
    nowMs += step.waitMs;
    try {
      const outcome = takeReal(pools, step, nowMs);
      assertSame(outcome, takeModel(model, step, nowMs), "outcome");
      if (index % world.lookEvery === 0 || index + 1 === steps.length) {
        assertSame(plain(pools), plainModel(model), "table");
        assertLaws(pools, index % REFRESH_EVERY === 0);
      }
      overused = assertRoom(pools, overused, MAY_OVERUSE.test(step.text));
      onOutcome(step, outcome);
    } catch (error) {
      return { steps: index + 1, error };
    }
  }
  return undefined;
}

/** As the engine and the command layer do it: first what is due, then who may, then the rule. */
function takeReal(pools: Pools, { text, group, owner, real }: Step, nowMs: number): unknown {
  if (!text.startsWith("tick")) expire(pools, nowMs);
  const refused = group && judge(pools, owner, group);
  return outcomeOf(refused ?? real(pools, nowMs));
}

function takeModel(model: PoolModel, step: Step, nowMs: number): unknown {
  if (!step.text.startsWith("tick")) slow.expire(model, nowMs);
  const may = step.group === undefined ? "done" : model.judge(step.owner, step.group);
  if (may !== "done") return may;
  const before = model.saved();
  const outcome = step.model(model, nowMs) ?? "done";
  if (model.saved() !== before) model.dirty = true;
  return outcome;
}

/** `assertEquals`, quickly where they are equal. */
function assertSame(actual: unknown, expected: unknown, message: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) assertEquals(actual, expected, message);
}

/** What is overused, all of which was before and has not grown, or may be now. */
function assertRoom(pools: Pools, before: Map<Budget, number>, mayBe: boolean): typeof before {
  const overused = new Map<Budget, number>();
  for (const { budget } of pools.list.flatMap(({ resources }) => resources)) {
    if (used(budget) <= budget.have) continue;
    assert(mayBe || used(budget) <= (before.get(budget) ?? 0), "room for all that are taken");
    overused.set(budget, used(budget));
  }
  return overused;
}

/** Leaves out what the failure does not need: halves, quarters, at last single steps. */
function shortest(world: World, steps: readonly Step[], failure: Failure): [Step[], unknown] {
  let kept = steps.slice(0, failure.steps);
  let error = failure.error;
  for (let size = kept.length >> 1; size >= 1;) {
    const before = kept.length;
    for (let from = before - size; from >= 0; from -= size) {
      const fewer = kept.toSpliced(from, size);
      const again = play(world, fewer);
      if (again === undefined) continue;
      kept = fewer.slice(0, again.steps);
      error = again.error;
      from = Math.min(from, kept.length);
    }
    // Single steps again, as long as that helps: one may have needed another that is gone now.
    if (size > 1 || kept.length === before) size >>= 1;
  }
  return [kept, error];
}

function explain(seed: number, world: World, steps: readonly Step[], failure: Failure): string {
  const [fewest, error] = shortest(world, steps, failure);
  const lines = fewest.map(({ waitMs, owner, text }) =>
    `  ${owner}> ${text}   (after ${waitMs} ms)`
  );
  const begins = JSON.stringify({ ...world.defaults, coupled: world.coupled });
  return [`seed ${seed}, with ${begins}:`, ...lines, String(error)].join("\n");
}

/** The one that is asked for, or several. */
function seeds(): number[] {
  const asked = Deno.args.find((argument) => argument.startsWith("--seed="));
  return asked === undefined ? someSeeds() : [Number(asked.slice("--seed=".length))];
}

/** What a run must have seen, or it has tested too little. */
const COMMANDS = [...SESSION_COMMANDS, ...OTHER_COMMANDS].map(([usage]) => usage.split(" ")[0]!);
const REFUSALS = [
  "no pool",
  "no resource",
  "no room",
  "pool exists",
  "another is master",
  "nobody is master",
  "mastered already",
];

for (const [index, seed] of seeds().entries()) {
  Deno.test(`pools agree with a model that scans everything, run ${index + 1}`, () => {
    const random = seededRandom(seed);
    const [done, refused] = [new Set<string>(), new Set<string>()];
    for (let i = 0; i < WORLDS; i++) {
      const world = someWorld(random);
      const steps = someSteps(random, world, STEPS);
      const failure = play(world, steps, ({ text }, outcome) => {
        const isRefusal = typeof outcome === "string" && outcome !== "done";
        if (isRefusal) refused.add(outcome);
        else done.add(text.split(" ")[0]!);
      });
      if (failure !== undefined) throw new Error(explain(seed, world, steps, failure));
    }
    assertEquals(
      [...done].sort(),
      [...COMMANDS].sort(),
      `seed ${seed}: commands that did something`,
    );
    assertEquals([...refused].sort(), [...REFUSALS].sort(), `seed ${seed}: refusals`);
  });
}
