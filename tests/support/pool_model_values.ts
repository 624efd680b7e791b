/**
 * What the slow, obvious model of the pool table is made of, and its arithmetic: whole numbers all
 * the way, whatever their size, and nothing is counted ahead.
 */

/** What a unit of a resource may be spent on; the pools of a coupled resource share one object. */
export interface Budget {
  given: number;
  /** In ten-thousandths. */
  ratio: number;
  offset: number;
}

export interface ModelResource {
  readonly name: string;
  budget: Budget;
  frozen: boolean;
  locked: boolean;
}

export interface Settings {
  latencySeconds: number;
  seed: string;
  /** As it is printed: "sticky", "queued", "queued-7". */
  mode: string;
}

export interface ModelPool extends Settings {
  readonly name: string;
  /** In the order of the list. */
  resources: ModelResource[];
  /** The index of the last choice; or, when there is none, the place where the next one starts. */
  cursor: { at: number; chosen: boolean };
}

export interface ModelSession {
  readonly pool: ModelPool;
  readonly consumer: string;
  readonly resource: ModelResource;
  contactMs: number;
}

/** Why nothing was done. */
export type Refusal =
  | "no pool"
  | "no resource"
  | "no room"
  | "pool exists"
  | "another is master"
  | "nobody is master"
  | "mastered already";

export type Done = "done" | Refusal;

export function resourceOf(pool: ModelPool, name: string): ModelResource | undefined {
  return pool.resources.find((resource) => resource.name === name);
}

export function counted(sessions: readonly ModelSession[], budget: Budget): number {
  return sessions.filter((session) => session.resource.budget === budget).length;
}

export function effectiveUsed(sessions: readonly ModelSession[], budget: Budget): number {
  return Math.max(0, counted(sessions, budget) + budget.offset);
}

export function effectiveHave({ given, ratio }: Budget): number {
  return Number(BigInt(given) * BigInt(ratio) / 10_000n);
}

/** In per cent, halves up, not capped. */
export function usage(sessions: readonly ModelSession[], budget: Budget): number {
  const [used, have] = [effectiveUsed(sessions, budget), effectiveHave(budget)];
  if (have === 0) return used === 0 ? 0 : 100;
  return Number((200n * BigInt(used) + BigInt(have)) / (2n * BigInt(have)));
}

/** The index of the last choice, as it is printed. */
export function currentOf({ cursor: { at, chosen } }: ModelPool): number {
  return chosen ? at : Math.max(0, at - 1);
}
