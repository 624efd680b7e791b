/**
 * What `list-*` and `print-*` show as JSON, in pieces: facts in, words out. Not objects turned to
 * text: those would put keys that look like numbers first, and the order is that of the lines.
 * Contract: docs/protocol/looky.md, "Native replies".
 */
import type { ConsumerFact, KindFact, PoolFact, ResourceFact } from "./listing_rows.ts";
import { statusOf, viewBudget } from "./text_format.ts";

/** What stands before each member of an object or a list, and behind the last. */
class Members {
  #before: string;

  constructor(readonly open: string, readonly comma: string, readonly close: string) {
    this.#before = open;
  }

  /** What stands before the next one. */
  next(): string {
    const before = this.#before;
    this.#before = this.comma;
    return before;
  }

  /** What stands behind them; another list may begin then. */
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

export function* poolJson(facts: Iterable<PoolFact>): Iterable<string> {
  const pools = mapMembers("pool");
  const resources = new Members("[", ",", "]");
  for (const fact of facts) {
    if (fact[0] === "pool") {
      const [, name, mode, seed, latencyMs, maxSize, isAuto, current] = fact;
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
    } else if (fact[0] === "resources") {
      const [, names, budgets] = fact;
      for (const [i, name] of names.entries()) {
        yield resources.next() + JSON.stringify({ name, ...viewBudget(budgets, i) });
      }
    } else yield `${resources.end()}}`;
  }
  yield pools.end();
}

export function* resourceJson(facts: Iterable<ResourceFact>): Iterable<string> {
  const pools = mapMembers("resource");
  const consumers = new Members("[", ",", "]");
  for (const fact of facts) {
    if (fact[0] === "none") yield `${pools.next()}${JSON.stringify(fact[1])}: null`;
    else if (fact[0] === "pool") yield `${pools.next()}${JSON.stringify(fact[1])}: {"consumer":`;
    else if (fact[0] === "consumers") {
      const [, names, seconds] = fact;
      for (const [i, name] of names.entries()) {
        yield consumers.next() + JSON.stringify({ name, "last-contact": seconds[i] });
      }
    } else {
      const [, frozen, locked, budget] = fact;
      const rest = { status: statusOf(frozen, locked), ...viewBudget(budget) };
      yield `${consumers.end()},${JSON.stringify(rest).slice(1)}`;
    }
  }
  yield pools.end();
}

export function* consumerJson(facts: Iterable<ConsumerFact>): Iterable<string> {
  const pools = mapMembers("consumer");
  for (const fact of facts) {
    if (fact[0] === "none") {
      for (const pool of fact[1]) yield `${pools.next()}${JSON.stringify(pool)}: null`;
    } else {
      const [, pool, resource, seconds] = fact;
      const its = { resource, "last-contact": seconds };
      yield `${pools.next()}${JSON.stringify(pool)}: ${JSON.stringify(its)}`;
    }
  }
  yield pools.end();
}

export function* kindJson(facts: Iterable<KindFact>): Iterable<string> {
  const members = mapMembers("resource-list");
  for (const [kind, names] of facts) {
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
