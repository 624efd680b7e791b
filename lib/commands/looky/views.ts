/**
 * What `print-*` shows, as it is at one moment: taken in one look at the pools, worded later. The
 * keys are those of the native replies (docs/protocol/looky.md, "Native replies").
 */
import type { Clock } from "../../dispatch/command.ts";
import { type Budget, RATIO_ONE, usage, used } from "../../state/pools/budget.ts";
import type { Pool, Resource, Session } from "../../state/pools/model.ts";
import { writeMode } from "../../wire/looky_values.ts";

/** When a look was taken, and how its moments read. */
export interface Moment {
  readonly nowMs: number;
  readonly clock: Clock;
}

/** The last contact with a consumer. */
export interface Contact {
  /** Whole seconds since 1970, by the system's clock. */
  readonly seconds: number;
  readonly agoSeconds: number;
}

/** The consumers of a resource, in little memory: there may be very many. */
export class Consumers {
  readonly #names: string[] = [];
  readonly #contactsMs: number[] = [];

  /** The longest without contact first. */
  constructor({ oldest }: Resource, readonly moment: Moment) {
    for (let session = oldest; session !== undefined; session = session.younger) {
      this.#names.push(session.consumer);
      this.#contactsMs.push(session.contactMs);
    }
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, contact: Contact]> {
    for (const [i, name] of this.#names.entries()) {
      yield [name, viewContact(this.#contactsMs[i]!, this.moment)];
    }
  }
}

export interface BudgetView {
  readonly have: { readonly given: number; readonly ratio: number; readonly effective: number };
  readonly used: { readonly counted: number; readonly offset: number; readonly effective: number };
  readonly usage: number;
}

export interface PoolView {
  readonly started: true;
  /** In seconds. */
  readonly latency: number;
  readonly "max-pool-size": number;
  readonly "auto-max": boolean;
  readonly mode: string;
  readonly seed: string;
  readonly current: number;
  readonly resource: readonly (BudgetView & { readonly name: string })[];
}

export interface ResourceView extends BudgetView {
  readonly consumer: Consumers;
  readonly status: readonly ("frozen" | "locked")[];
}

export interface ConsumerView {
  readonly resource: string;
  readonly contact: Contact;
}

function viewBudget(budget: Budget): BudgetView {
  const { given, ratio, have, counted, offset } = budget;
  return {
    have: { given, ratio: ratio / RATIO_ONE, effective: have },
    used: { counted, offset, effective: used(budget) },
    usage: usage(budget),
  };
}

export function viewPool({ latencyMs, mode, seed, current, resources }: Pool): PoolView {
  const isAuto = typeof mode !== "number";
  return {
    started: true,
    latency: latencyMs / 1000,
    "max-pool-size": isAuto ? resources.reduce((sum, { budget }) => sum + budget.have, 0) : mode,
    "auto-max": isAuto,
    mode: writeMode(mode),
    seed,
    current: Math.max(0, current),
    resource: resources.map(({ name, budget }) => ({ name, ...viewBudget(budget) })),
  };
}

export function viewResource(resource: Resource, moment: Moment): ResourceView {
  const status: ("frozen" | "locked")[] = [];
  if (resource.frozen) status.push("frozen");
  if (resource.locked) status.push("locked");
  return { consumer: new Consumers(resource, moment), status, ...viewBudget(resource.budget) };
}

export function viewConsumer({ resource, contactMs }: Session, moment: Moment): ConsumerView {
  return { resource: resource.name, contact: viewContact(contactMs, moment) };
}

function viewContact(contactMs: number, { nowMs, clock }: Moment): Contact {
  return {
    seconds: clock.seconds(contactMs),
    agoSeconds: Math.floor((nowMs - contactMs) / 1000),
  };
}
