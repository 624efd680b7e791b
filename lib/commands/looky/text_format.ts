/**
 * Formats the rows of a listing as lines, like the examples of the original document, and budgets
 * for both formats. An undefined row becomes an empty part, at which other sessions can be served.
 */
import { effectiveUse, RATIO_ONE, usagePercent } from "../../state/pools/budget.ts";
import { cacheLastSecond, dateText } from "./dates.ts";
import {
  BUDGET_NUMBERS,
  type BudgetNumbers,
  type ConsumerRow,
  type KindRow,
  type PoolHeadRow,
  type PoolRow,
  type ResourceRow,
} from "./listing_rows.ts";

/** One level of indentation. */
const INDENT = "   ";

export interface BudgetView {
  readonly have: { readonly given: number; readonly ratio: number; readonly effective: number };
  readonly used: { readonly counted: number; readonly offset: number; readonly effective: number };
  readonly usage: number;
}

/** Returns the budget number `index` of those in `numbers`. */
export function viewBudget(numbers: BudgetNumbers, index = 0): BudgetView {
  const start = index * BUDGET_NUMBERS;
  const [given, ratio, have] = [numbers[start]!, numbers[start + 1]!, numbers[start + 2]!];
  const [counted, offset] = [numbers[start + 3]!, numbers[start + 4]!];
  return {
    have: { given, ratio: ratio / RATIO_ONE, effective: have },
    used: { counted, offset, effective: effectiveUse({ counted, offset }) },
    usage: usagePercent({ have, counted, offset }),
  };
}

export function* poolLines(rows: Iterable<PoolRow | undefined>): Iterable<string> {
  let number = 0;
  for (const row of rows) {
    if (row === undefined) yield "";
    else if (row[0] === "pool") {
      number = 0;
      yield* headLines(row);
    } else if (row[0] === "resources") {
      const [, names, budgets] = row;
      for (const [i, name] of names.entries()) {
        yield resourceLine(number++, name, viewBudget(budgets, i));
      }
    } else yield* [`${INDENT}}`, "}"];
  }
}

function headLines(
  [, name, mode, seed, latencyMs, maxSize, isAuto, current, resources]: PoolHeadRow,
): string[] {
  return [
    `pool ${name} {`,
    `${INDENT}started = yes`,
    `${INDENT}latency = ${latencyMs / 1000} sec`,
    `${INDENT}max-pool-size = ${maxSize}`,
    `${INDENT}auto-max = ${isAuto ? "on" : "off"}`,
    `${INDENT}mode = ${mode}`,
    `${INDENT}seed = ${seed}`,
    `${INDENT}current = ${current}`,
    `${INDENT}resource = #${resources} {`,
  ];
}

function resourceLine(number: number, name: string, { have, used, usage }: BudgetView): string {
  const haveText = `have=${have.given}(${have.effective})`;
  const usedText = `used=${used.counted}(${used.effective})`;
  const index = String(number).padStart(3, "0");
  return `${INDENT}${INDENT}#${index} ${name}: ${haveText}, ${usedText} (${usage}%)`;
}

export function* resourceLines(
  rows: Iterable<ResourceRow | undefined>,
  name: string,
): Iterable<string> {
  const cachedDate = cacheLastSecond(dateText);
  for (const row of rows) {
    if (row === undefined) yield "";
    // Only here, the example of the original document has no word "resource" before the name.
    else if (row[0] === "none") yield `${row[1]}/${name} = undef`;
    else if (row[0] === "pool") {
      yield* [`resource ${row[1]}/${name} = {`, `${INDENT}consumer = {`];
    } else if (row[0] === "consumers") {
      const [, names, seconds, ago] = row;
      for (const [i, consumer] of names.entries()) {
        yield `${INDENT}${INDENT}${consumer} = ${cachedDate(seconds[i]!)} (${ago[i]!})`;
      }
    } else {
      const [, frozen, locked, budget] = row;
      yield `${INDENT}}`;
      yield `${INDENT}status = ${statusOf(frozen, locked).join(",") || "-"}`;
      yield* budgetLines(viewBudget(budget));
      yield "}";
    }
  }
}

export function statusOf(frozen: number, locked: number): string[] {
  return [...(frozen ? ["frozen"] : []), ...(locked ? ["locked"] : [])];
}

function* budgetLines({ have, used, usage }: BudgetView): Iterable<string> {
  yield `${INDENT}have = {`;
  yield `${INDENT}${INDENT}given = ${have.given}`;
  yield `${INDENT}${INDENT}ratio = ${have.ratio.toFixed(4)}`;
  yield `${INDENT}${INDENT}effective = ${have.effective}`;
  yield `${INDENT}}`;
  yield `${INDENT}used = {`;
  yield `${INDENT}${INDENT}counted = ${used.counted}`;
  yield `${INDENT}${INDENT}offset = ${used.offset}`;
  yield `${INDENT}${INDENT}effective = ${used.effective}`;
  yield `${INDENT}}`;
  yield `${INDENT}usage = ${usage}%`;
}

export function* consumerLines(
  rows: Iterable<ConsumerRow | undefined>,
  name: string,
): Iterable<string> {
  const cachedDate = cacheLastSecond(dateText);
  for (const row of rows) {
    if (row === undefined) yield "";
    else if (row[0] === "none") {
      for (const pool of row[1]) yield `consumer ${pool}/${name} = undef`;
    } else {
      const [, pool, resource, seconds, ago] = row;
      yield `consumer ${pool}/${name} = {`;
      yield `${INDENT}resource = ${resource}`;
      yield `${INDENT}last-contact = ${cachedDate(seconds)} (${ago})`;
      yield "}";
    }
  }
}

export function* kindLines(rows: Iterable<KindRow | undefined>): Iterable<string> {
  yield "resource-list = {";
  for (const row of rows) {
    if (row === undefined) yield "";
    else for (const name of row[1]) yield `${INDENT}${name} = ${row[0]}`;
  }
  yield "}";
}

/** Yields the lines of a list of "key = value" in braces. */
export function* mapLines(
  name: string,
  entries: Iterable<readonly [key: string, value: string | number]>,
): Iterable<string> {
  yield `${name} = {`;
  for (const [key, value] of entries) yield `${INDENT}${key} = ${value}`;
  yield "}";
}

/** Yields "pool-list = [ admin, sales ]", a single line, in parts. */
export function* listPieces(name: string, members: Iterable<string>): Iterable<string> {
  yield `${name} = [`;
  let separator = " ";
  for (const member of members) {
    yield separator + member;
    separator = ", ";
  }
  yield " ]";
}
