/**
 * What `print-*` shows as lines, in the shapes of the original document's examples, and as JSON
 * (docs/protocol/looky.md, "Native replies"): facts in, words out.
 */
import { RATIO_ONE, usage, used } from "../../state/pools/budget.ts";
import { dateText } from "./dates.ts";
import {
  BUDGET_NUMBERS,
  type BudgetNumbers,
  type ConsumerFact,
  type HeadFact,
  type KindFact,
  type PoolFact,
  type ResourceFact,
} from "./listing_rows.ts";

/** One level of indentation. */
const IN = "   ";

export interface BudgetView {
  readonly have: { readonly given: number; readonly ratio: number; readonly effective: number };
  readonly used: { readonly counted: number; readonly offset: number; readonly effective: number };
  readonly usage: number;
}

/** A budget by its numbers, which may stand in a row with others. */
export function viewBudget(numbers: BudgetNumbers, index = 0): BudgetView {
  const at = index * BUDGET_NUMBERS;
  const [given, ratio, have] = [numbers[at]!, numbers[at + 1]!, numbers[at + 2]!];
  const [counted, offset] = [numbers[at + 3]!, numbers[at + 4]!];
  return {
    have: { given, ratio: ratio / RATIO_ONE, effective: have },
    used: { counted, offset, effective: used({ counted, offset }) },
    usage: usage({ have, counted, offset }),
  };
}

export function* poolLines(facts: Iterable<PoolFact | undefined>): Iterable<string> {
  let number = 0;
  for (const fact of facts) {
    if (fact === undefined) yield "";
    else if (fact[0] === "pool") {
      number = 0;
      yield* headLines(fact);
    } else if (fact[0] === "resources") {
      const [, names, budgets] = fact;
      for (const [i, name] of names.entries()) {
        yield resourceLine(number++, name, viewBudget(budgets, i));
      }
    } else yield* [`${IN}}`, "}"];
  }
}

function headLines(
  [, name, mode, seed, latencyMs, maxSize, isAuto, current, resources]: HeadFact,
): string[] {
  return [
    `pool ${name} {`,
    `${IN}started = yes`,
    `${IN}latency = ${latencyMs / 1000} sec`,
    `${IN}max-pool-size = ${maxSize}`,
    `${IN}auto-max = ${isAuto ? "on" : "off"}`,
    `${IN}mode = ${mode}`,
    `${IN}seed = ${seed}`,
    `${IN}current = ${current}`,
    `${IN}resource = #${resources} {`,
  ];
}

function resourceLine(number: number, name: string, { have, used, usage }: BudgetView): string {
  const haves = `have=${have.given}(${have.effective})`;
  const uses = `used=${used.counted}(${used.effective})`;
  return `${IN}${IN}#${String(number).padStart(3, "0")} ${name}: ${haves}, ${uses} (${usage}%)`;
}

export function* resourceLines(
  facts: Iterable<ResourceFact | undefined>,
  name: string,
): Iterable<string> {
  for (const fact of facts) {
    if (fact === undefined) yield "";
    // The one place where the document's example drops the word before the name.
    else if (fact[0] === "none") yield `${fact[1]}/${name} = undef`;
    else if (fact[0] === "pool") yield* [`resource ${fact[1]}/${name} = {`, `${IN}consumer = {`];
    else if (fact[0] === "consumers") {
      const [, names, seconds, ago] = fact;
      for (const [i, consumer] of names.entries()) {
        yield `${IN}${IN}${consumer} = ${contactText(seconds[i]!, ago[i]!)}`;
      }
    } else {
      const [, frozen, locked, budget] = fact;
      yield `${IN}}`;
      yield `${IN}status = ${statusOf(frozen, locked).join(",") || "-"}`;
      yield* budgetLines(viewBudget(budget));
      yield "}";
    }
  }
}

export function statusOf(frozen: number, locked: number): string[] {
  return [...(frozen ? ["frozen"] : []), ...(locked ? ["locked"] : [])];
}

function* budgetLines({ have, used, usage }: BudgetView): Iterable<string> {
  yield `${IN}have = {`;
  yield `${IN}${IN}given = ${have.given}`;
  yield `${IN}${IN}ratio = ${have.ratio.toFixed(4)}`;
  yield `${IN}${IN}effective = ${have.effective}`;
  yield `${IN}}`;
  yield `${IN}used = {`;
  yield `${IN}${IN}counted = ${used.counted}`;
  yield `${IN}${IN}offset = ${used.offset}`;
  yield `${IN}${IN}effective = ${used.effective}`;
  yield `${IN}}`;
  yield `${IN}usage = ${usage}%`;
}

export function* consumerLines(
  facts: Iterable<ConsumerFact | undefined>,
  name: string,
): Iterable<string> {
  for (const fact of facts) {
    if (fact === undefined) yield "";
    else if (fact[0] === "none") {
      for (const pool of fact[1]) yield `consumer ${pool}/${name} = undef`;
    } else {
      const [, pool, resource, seconds, ago] = fact;
      yield `consumer ${pool}/${name} = {`;
      yield `${IN}resource = ${resource}`;
      yield `${IN}last-contact = ${contactText(seconds, ago)}`;
      yield "}";
    }
  }
}

function contactText(seconds: number, ago: number): string {
  return `${dateText(seconds)} (${ago})`;
}

export function* kindLines(facts: Iterable<KindFact | undefined>): Iterable<string> {
  yield "resource-list = {";
  for (const fact of facts) {
    if (fact === undefined) yield "";
    else for (const name of fact[1]) yield `${IN}${name} = ${fact[0]}`;
  }
  yield "}";
}

/** A list of "key = value" in braces. */
export function* mapLines(
  name: string,
  entries: Iterable<readonly [key: string, value: string | number]>,
): Iterable<string> {
  yield `${name} = {`;
  for (const [key, value] of entries) yield `${IN}${key} = ${value}`;
  yield "}";
}

/** "pool-list = [ admin, sales ]", one line in pieces. */
export function* listPieces(name: string, members: Iterable<string>): Iterable<string> {
  yield `${name} = [`;
  let before = " ";
  for (const member of members) {
    yield before + member;
    before = ", ";
  }
  yield " ]";
}
