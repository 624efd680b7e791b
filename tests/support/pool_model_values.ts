/**
 * The records of the reference model of the pool table, and its arithmetic: whole numbers of any
 * size, and nothing is counted in advance.
 */

/** The quantity of a resource; the pools of a coupled resource share one object. */
export interface ModelBudget {
  given: number;
  /** In ten-thousandths. */
  ratio: number;
  offset: number;
}

export interface ModelResource {
  readonly name: string;
  budget: ModelBudget;
  frozen: boolean;
  locked: boolean;
}

export interface ModelSettings {
  latencySeconds: number;
  seed: string;
  /** As it is printed: "sticky", "queued", "queued-7". */
  mode: string;
}

export interface ModelPool extends ModelSettings {
  readonly name: string;
  /** In the order of the list. */
  resources: ModelResource[];
  /**
   * The index of the last choice; or, if it was dropped, the index where the next choice starts.
   */
  cursor: { at: number; chosen: boolean };
}

export interface ModelSession {
  readonly pool: ModelPool;
  readonly consumer: string;
  readonly resource: ModelResource;
  contactMs: number;
}

/** Why a command changed nothing. */
export type ModelRefusal =
  | "no pool"
  | "no resource"
  | "no room"
  | "pool exists"
  | "another is master"
  | "no master"
  | "master exists";

export type ModelOutcome = "done" | ModelRefusal;

export function resourceOf(pool: ModelPool, name: string): ModelResource | undefined {
  return pool.resources.find((resource) => resource.name === name);
}

export function counted(sessions: readonly ModelSession[], budget: ModelBudget): number {
  return sessions.filter((session) => session.resource.budget === budget).length;
}

export function effectiveUsed(sessions: readonly ModelSession[], budget: ModelBudget): number {
  return Math.max(0, counted(sessions, budget) + budget.offset);
}

export function effectiveHave({ given, ratio }: ModelBudget): number {
  return Number(BigInt(given) * BigInt(ratio) / 10_000n);
}

/** Returns per cent, halves up, not capped. */
export function usage(sessions: readonly ModelSession[], budget: ModelBudget): number {
  const [used, have] = [effectiveUsed(sessions, budget), effectiveHave(budget)];
  if (have === 0) return used === 0 ? 0 : 100;
  return Number((200n * BigInt(used) + BigInt(have)) / (2n * BigInt(have)));
}

/** Returns the index of the last choice, as it is printed. */
export function currentOf({ cursor: { at, chosen } }: ModelPool): number {
  return chosen ? at : Math.max(0, at - 1);
}
