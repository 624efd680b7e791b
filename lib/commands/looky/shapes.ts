/**
 * What `print-*` shows as lines, in the shapes of the original document's examples, and as JSON.
 * A view that is null is of a pool that has no such thing.
 */
import { dateText } from "./dates.ts";
import type { BudgetView, ConsumerView, Contact, PoolView, ResourceView } from "./views.ts";

/** A name of a pool and what there is to show of it. */
export type Entry<V> = readonly [pool: string, view: V | null];

/** One level of indentation. */
const IN = "   ";

export function* poolLines(name: string, view: PoolView): Iterable<string> {
  yield `pool ${name} {`;
  yield `${IN}started = yes`;
  yield `${IN}latency = ${view.latency} sec`;
  yield `${IN}max-pool-size = ${view["max-pool-size"]}`;
  yield `${IN}auto-max = ${view["auto-max"] ? "on" : "off"}`;
  yield `${IN}mode = ${view.mode}`;
  yield `${IN}seed = ${view.seed}`;
  yield `${IN}current = ${view.current}`;
  yield `${IN}resource = #${view.resource.length} {`;
  for (const [index, { name, have, used, usage }] of view.resource.entries()) {
    const haves = `have=${have.given}(${have.effective})`;
    const uses = `used=${used.counted}(${used.effective})`;
    const number = String(index).padStart(3, "0");
    yield `${IN}${IN}#${number} ${name}: ${haves}, ${uses} (${usage}%)`;
  }
  yield `${IN}}`;
  yield "}";
}

export function* resourceLines(
  name: string,
  [pool, view]: Entry<ResourceView>,
): Iterable<string> {
  // The one place where the document's example drops the word before the name.
  if (view === null) return yield `${pool}/${name} = undef`;
  yield `resource ${pool}/${name} = {`;
  yield `${IN}consumer = {`;
  for (const [name, contact] of view.consumer) {
    yield `${IN}${IN}${name} = ${contactText(contact)}`;
  }
  yield `${IN}}`;
  yield `${IN}status = ${view.status.join(",") || "-"}`;
  yield* budgetLines(view);
  yield "}";
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
  name: string,
  [pool, view]: Entry<ConsumerView>,
): Iterable<string> {
  if (view === null) return yield `consumer ${pool}/${name} = undef`;
  yield `consumer ${pool}/${name} = {`;
  yield `${IN}resource = ${view.resource}`;
  yield `${IN}last-contact = ${contactText(view.contact)}`;
  yield "}";
}

function contactText({ seconds, agoSeconds }: Contact): string {
  return `${dateText(seconds)} (${agoSeconds})`;
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

/** A view of a resource as JSON, in pieces. */
export function* resourceJson({ consumer, ...rest }: ResourceView): Iterable<string> {
  yield '{"consumer":';
  yield* listJson(consumer, ([name, { seconds }]) => ({ name, "last-contact": seconds }));
  yield `,${JSON.stringify(rest).slice(1)}`;
}

export function consumerJson({ resource, contact }: ConsumerView): Iterable<string> {
  return [JSON.stringify({ resource, "last-contact": contact.seconds })];
}

/** A view of a pool as JSON, in pieces. */
export function* poolJson({ resource, ...rest }: PoolView): Iterable<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"resource":`;
  yield* listJson(resource, (its) => its);
  yield "}";
}

/** A list as JSON, a piece for each member. */
export function* listJson<T>(
  members: Iterable<T>,
  toJson: (member: T) => unknown,
): Iterable<string> {
  let before = "[";
  for (const member of members) {
    yield before + JSON.stringify(toJson(member));
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

/**
 * `{"name": {"key": value}}` in pieces. Not an object turned to text: that would put keys that
 * look like numbers first, and the order is that of the lines.
 */
export function* mapJson(
  name: string,
  entries: Iterable<readonly [key: string, json: Iterable<string>]>,
): Iterable<string> {
  let before = `{${JSON.stringify(name)}: {`;
  for (const [key, json] of entries) {
    yield `${before}${JSON.stringify(key)}: `;
    yield* json;
    before = ", ";
  }
  yield before === ", " ? "}}" : `${before}}}`;
}
