/**
 * Formats the rows of a listing as JSON, in parts. Does not stringify objects with names as keys:
 * names that look like numbers would come first, but the order must be that of the lines.
 * Contract: docs/protocol/looky.md, "Native replies".
 */
import type { ConsumerRow, KindRow, PoolRow, ResourceRow } from "./listing_rows.ts";
import { statusOf, viewBudget } from "./text_format.ts";

/** The punctuation around the members of an object or a list. */
class Members {
  #before: string;

  constructor(readonly open: string, readonly comma: string, readonly close: string) {
    this.#before = open;
  }

  /** Returns the punctuation before the next member. */
  next(): string {
    const before = this.#before;
    this.#before = this.comma;
    return before;
  }

  /** Returns the punctuation after the last member; another list may follow. */
  end(): string {
    const isEmpty = this.#before === this.open;
    this.#before = this.open;
    return isEmpty ? this.open + this.close : this.close;
  }
}

/** `{"name": {"key": value}}`. */
function mapMembers(name: string): Members {
  return new Members(`{${JSON.stringify(name)}: {`, ", ", "}}");
}

export function* poolJson(rows: Iterable<PoolRow>): Iterable<string> {
  const pools = mapMembers("pool");
  const resources = new Members("[", ",", "]");
  for (const row of rows) {
    if (row[0] === "pool") {
      const [, name, mode, seed, latencyMs, maxSize, isAuto, current] = row;
      const head = {
        started: true,
        latency: latencyMs / 1000,
        "max-pool-size": maxSize,
        "auto-max": isAuto === 1,
        mode,
        seed,
        current,
      };
      yield `${pools.next()}${JSON.stringify(name)}: ${
        JSON.stringify(head).slice(0, -1)
      },"resource":`;
    } else if (row[0] === "resources") {
      const [, names, budgets] = row;
      for (const [i, name] of names.entries()) {
        yield resources.next() + JSON.stringify({ name, ...viewBudget(budgets, i) });
      }
    } else yield `${resources.end()}}`;
  }
  yield pools.end();
}

export function* resourceJson(rows: Iterable<ResourceRow>): Iterable<string> {
  const pools = mapMembers("resource");
  const consumers = new Members("[", ",", "]");
  for (const row of rows) {
    if (row[0] === "none") yield `${pools.next()}${JSON.stringify(row[1])}: null`;
    else if (row[0] === "pool") yield `${pools.next()}${JSON.stringify(row[1])}: {"consumer":`;
    else if (row[0] === "consumers") {
      const [, names, seconds] = row;
      for (const [i, name] of names.entries()) {
        yield consumers.next() + JSON.stringify({ name, "last-contact": seconds[i] });
      }
    } else {
      const [, frozen, locked, budget] = row;
      const rest = { status: statusOf(frozen, locked), ...viewBudget(budget) };
      yield `${consumers.end()},${JSON.stringify(rest).slice(1)}`;
    }
  }
  yield pools.end();
}

export function* consumerJson(rows: Iterable<ConsumerRow>): Iterable<string> {
  const pools = mapMembers("consumer");
  for (const row of rows) {
    if (row[0] === "none") {
      for (const pool of row[1]) yield `${pools.next()}${JSON.stringify(pool)}: null`;
    } else {
      const [, pool, resource, seconds] = row;
      const session = { resource, "last-contact": seconds };
      yield `${pools.next()}${JSON.stringify(pool)}: ${JSON.stringify(session)}`;
    }
  }
  yield pools.end();
}

export function* kindJson(rows: Iterable<KindRow>): Iterable<string> {
  const members = mapMembers("resource-list");
  for (const [kind, names] of rows) {
    for (const name of names) yield `${members.next()}${JSON.stringify(name)}: "${kind}"`;
  }
  yield members.end();
}

/** `{"name":["member"]}`. */
export function* listJson(name: string, list: Iterable<string>): Iterable<string> {
  const members = new Members("[", ",", "]");
  yield `{${JSON.stringify(name)}:`;
  for (const member of list) yield members.next() + JSON.stringify(member);
  yield `${members.end()}}`;
}
