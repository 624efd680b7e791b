/**
 * Compares the pool table with a reference model: random commands must have the same outcomes and
 * lead to the same table. A failure shows the shortest failing sequence found; `deno test FILE --
 * --seed=N` repeats a run.
 */
import { effectiveUse } from "../../../lib/state/pools/budget.ts";
import { checkMaster } from "../../../lib/state/pools/master.ts";
import type { Budget, Pools } from "../../../lib/state/pools/model.ts";
import { expireSessions } from "../../../lib/state/pools/sessions.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { OTHER_COMMANDS, outcomeOf, SESSION_COMMANDS } from "../../support/pool_commands.ts";
import { assertLaws } from "../../support/pool_model_laws.ts";
import { plainModel, plainTable } from "../../support/pool_model_plain.ts";
import type { PoolModel } from "../../support/pool_model.ts";
import * as reference from "../../support/pool_model_sessions.ts";
import {
  newTables,
  randomScenario,
  randomSteps,
  type Scenario,
  type Step,
} from "../../support/pool_scenario.ts";
import { seededRandom, someSeeds } from "../../support/random.ts";

const SCENARIOS = 80;
const STEPS = 500;
/** Only these commands may leave a resource with more use than quantity. */
const MAY_OVERUSE = /^(set-resource|set-ratio|set-used|couple|decouple) /;

interface Failure {
  /** The number of steps up to the failure. */
  steps: number;
  error: unknown;
}

/** A check of the ranks updates them. Between such checks the rules must do that themselves. */
const CHECK_RANKS_EVERY = 7;

/** Runs the steps on new tables; calls `onOutcome` with the outcome of each. */
function play(
  scenario: Scenario,
  steps: readonly Step[],
  onOutcome: (step: Step, outcome: unknown) => void = () => {},
): Failure | undefined {
  const [pools, model] = newTables(scenario);
  let nowMs = scenario.startMs;
  let overused = new Map<Budget, number>();
  for (const [index, step] of steps.entries()) {
    nowMs += step.waitMs;
    try {
      const outcome = takeReal(pools, step, nowMs);
      assertSame(outcome, takeModel(model, step, nowMs), "outcome");
      if (index % scenario.checkEvery === 0 || index + 1 === steps.length) {
        assertSame(plainTable(pools), plainModel(model), "table");
        assertLaws(pools, index % CHECK_RANKS_EVERY === 0);
      }
      overused = assertRoom(pools, overused, MAY_OVERUSE.test(step.text));
      onOutcome(step, outcome);
    } catch (error) {
      return { steps: index + 1, error };
    }
  }
  return undefined;
}

/** Does what the engine and the commands do: expires sessions, checks the master, runs the rule. */
function takeReal(pools: Pools, { text, group, owner, real }: Step, nowMs: number): unknown {
  if (!text.startsWith("tick")) expireSessions(pools, nowMs);
  const refused = group && checkMaster(pools, owner, group);
  return outcomeOf(refused ?? real(pools, nowMs));
}

function takeModel(model: PoolModel, step: Step, nowMs: number): unknown {
  if (!step.text.startsWith("tick")) reference.expire(model, nowMs);
  const permission = step.group === undefined ? "done" : model.checkMaster(step.owner, step.group);
  if (permission !== "done") return permission;
  const before = model.saved();
  const outcome = step.model(model, nowMs) ?? "done";
  if (model.saved() !== before) model.dirty = true;
  return outcome;
}

/** `assertEquals`, but fast for equal values. */
function assertSame(actual: unknown, expected: unknown, message: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) assertEquals(actual, expected, message);
}

/** Returns the overused budgets. Unless `isAllowed`, their use must not have grown. */
function assertRoom(pools: Pools, before: Map<Budget, number>, isAllowed: boolean): typeof before {
  const overused = new Map<Budget, number>();
  for (const { budget } of pools.list.flatMap(({ resources }) => resources)) {
    if (effectiveUse(budget) <= budget.have) continue;
    assert(
      isAllowed || effectiveUse(budget) <= (before.get(budget) ?? 0),
      "no more sessions than room",
    );
    overused.set(budget, effectiveUse(budget));
  }
  return overused;
}

/** Removes steps that the failure does not need: halves, quarters, and in the end single steps. */
function shortest(scenario: Scenario, steps: readonly Step[], failure: Failure): [Step[], unknown] {
  let remaining = steps.slice(0, failure.steps);
  let error = failure.error;
  for (let size = remaining.length >> 1; size >= 1;) {
    const before = remaining.length;
    for (let from = before - size; from >= 0; from -= size) {
      const fewer = remaining.toSpliced(from, size);
      const again = play(scenario, fewer);
      if (again === undefined) continue;
      remaining = fewer.slice(0, again.steps);
      error = again.error;
      from = Math.min(from, remaining.length);
    }
    // Repeat single steps as long as that helps: a removed step may have been the reason for
    // another.
    if (size > 1 || remaining.length === before) size >>= 1;
  }
  return [remaining, error];
}

function explain(
  seed: number,
  scenario: Scenario,
  steps: readonly Step[],
  failure: Failure,
): string {
  const [fewest, error] = shortest(scenario, steps, failure);
  const lines = fewest.map(({ waitMs, owner, text }) =>
    `  ${owner}> ${text}   (after ${waitMs} ms)`
  );
  const start = JSON.stringify({ ...scenario.defaults, coupled: scenario.coupled });
  return [`seed ${seed}, with ${start}:`, ...lines, String(error)].join("\n");
}

/** Returns the seed from the arguments, or several. */
function seeds(): number[] {
  const option = Deno.args.find((argument) => argument.startsWith("--seed="));
  return option === undefined ? someSeeds() : [Number(option.slice("--seed=".length))];
}

/** Every run must contain all of these, or it has tested too little. */
const COMMANDS = [...SESSION_COMMANDS, ...OTHER_COMMANDS].map(([usage]) => usage.split(" ")[0]!);
const REFUSALS = [
  "no pool",
  "no resource",
  "no room",
  "pool exists",
  "another is master",
  "no master",
  "master exists",
];

for (const [index, seed] of seeds().entries()) {
  Deno.test(`the pool table agrees with the reference model, run ${index + 1}`, () => {
    const random = seededRandom(seed);
    const [done, refused] = [new Set<string>(), new Set<string>()];
    for (let i = 0; i < SCENARIOS; i++) {
      const scenario = randomScenario(random);
      const steps = randomSteps(random, scenario, STEPS);
      const failure = play(scenario, steps, ({ text }, outcome) => {
        const isRefusal = typeof outcome === "string" && outcome !== "done";
        if (isRefusal) refused.add(outcome);
        else done.add(text.split(" ")[0]!);
      });
      if (failure !== undefined) throw new Error(explain(seed, scenario, steps, failure));
    }
    assertEquals(
      [...done].sort(),
      [...COMMANDS].sort(),
      `seed ${seed}: commands that did something`,
    );
    assertEquals([...refused].sort(), [...REFUSALS].sort(), `seed ${seed}: refusals`);
  });
}
