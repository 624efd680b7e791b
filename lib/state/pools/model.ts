/**
 * The pool table: which consumer has a session on which resource of which pool. Pure, like all of
 * state/; the rules stand in the files beside this one, by what they are about.
 *
 * Laws
 * 1. A rule validates, then writes; a refusal is a value and changes nothing.
 * 2. A consumer has at most one session in a pool.
 * 3. counted of a budget = the sessions on its resources, however many pools share it.
 * 4. The engine ends what is due (`expire`) before it lets a rule see the table, so that a rule
 *    never meets a session whose time is over.
 * 5. After every change of what `rank` reads, `rank` or `changed` is called; whoever asks the
 *    tournaments `open` and `openable` calls `refresh` before. Nobody else touches them.
 *
 * Contract: docs/protocol/looky.md. Names are text of one character a byte.
 */
import type { Owner } from "../locks.ts";
import { NameMap } from "../names.ts";
import { Tournament } from "../tournament.ts";
import { type Budget, isBelow, used } from "./budget.ts";

export const SEEDS = ["weighted", "serial", "parallel", "minimal"] as const;
/** How a pool chooses among its open resources. */
export type Seed = typeof SEEDS[number];

/** What a pool does for a new consumer when it is full; a number is `queued-DD`, full at DD. */
export type Mode = "sticky" | "queued" | number;

/** One consumer's use of one unit of one resource. */
export interface Session {
  readonly consumer: string;
  readonly resource: Resource;
  contactMs: number;
  /** Which contact of all this was: several may share a millisecond. */
  order: number;
  /** The neighbours on the same resource, by last contact. */
  older: Session | undefined;
  younger: Session | undefined;
}

/** A resource as one pool sees it. */
export interface Resource {
  readonly name: string;
  readonly pool: Pool;
  /** Its place in the pool's list. */
  index: number;
  /** Its own, or that of all resources of its name when it is coupled. */
  budget: Budget;
  frozen: boolean;
  locked: boolean;
  /** The number of sessions on it, in this pool. */
  held: number;
  oldest: Session | undefined;
  youngest: Session | undefined;
  /** By which session `rank` has last ranked it. */
  rankedOrder: number;
  /** Whether its budget has changed since it was ranked. */
  isStale: boolean;
}

export interface Pool {
  readonly name: string;
  latencyMs: number;
  seed: Seed;
  mode: Mode;
  readonly resources: Resource[];
  readonly byName: NameMap<Resource>;
  sessions: NameMap<Session>;
  /** How many of its sessions are on frozen or locked resources. */
  pinned: number;
  /** Resources that have become stale; some may be fresh again. */
  stale: Resource[];
  /** The index of the last choice; -1 before the first. */
  current: number;
  /** Whether the resource chosen last is still there; else the next choice starts behind `current`. */
  currentStands: boolean;
  /** Its place in the table's list. */
  index: number;
  /** No session ends for want of contact before this moment. */
  dueMs: number;
  /** The open resources, the best for the seed method first. */
  readonly open: Tournament;
  /** By the last contact of their oldest session: resources that hold any, */
  readonly heldByAge: Tournament;
  /** those of them that are neither frozen nor locked, */
  readonly endable: Tournament;
  /** and those of them that one session less would open. */
  readonly openable: Tournament;
}

export interface Defaults {
  readonly latencyMs: number;
  readonly seed: Seed;
  readonly mode: Mode;
}

export interface Pools {
  /** In the order of the configuration, then of creation. */
  readonly list: Pool[];
  readonly byName: NameMap<Pool>;
  /** The resources of each name, one for each pool that has it. */
  readonly resources: NameMap<Set<Resource>>;
  /** Names that are coupled, also such that no pool has yet. */
  readonly coupled: Set<string>;
  /** What a new pool begins with. */
  readonly defaults: Defaults;
  /** By `dueMs`: the pools that have sessions. */
  readonly due: Tournament;
  /** Who may do what in master mode, and what falls when it ends. */
  master: Owner | undefined;
  readonly locked: Set<Resource>;
  /** How many contacts there were so far. */
  contacts: number;
  /** Goes up with every change that `save` would save. */
  revision: number;
  savedRevision: number;
}

/** Why a rule did nothing, and what it is about. */
export interface Refused {
  readonly refused: Refusal;
  readonly name: string;
}

export type Refusal =
  | "no pool"
  | "no resource"
  | "no consumer"
  | "no room"
  | "pool exists"
  | "another is master"
  | "nobody is master"
  | "mastered already";

export function refuse(refused: Refusal, name = ""): Refused {
  return { refused, name };
}

/** Whether a rule's outcome is a refusal. */
export function isRefused(outcome: unknown): outcome is Refused {
  return typeof outcome === "object" && outcome !== null && "refused" in outcome;
}

export function isClosed({ frozen, locked }: Resource): boolean {
  return frozen || locked;
}

/** Brings a resource to its place in the tournaments of its pool: O(log of the pool's resources). */
export function rank(resource: Resource): void {
  const { pool, index, budget, held } = resource;
  const closed = isClosed(resource);
  const isByUse = pool.seed === "weighted" || pool.seed === "minimal";
  pool.open.set(index, !closed && used(budget) < budget.have, isByUse);
  const order = resource.oldest?.order ?? -1;
  const moved = order !== resource.rankedOrder;
  resource.rankedOrder = order;
  const isOpenable = held > 0 && !closed && used(budget, -1) < budget.have;
  pool.heldByAge.set(index, held > 0, moved);
  pool.endable.set(index, held > 0 && !closed, moved);
  pool.openable.set(index, isOpenable, moved);
}

/**
 * A budget has changed, by what was done to `self` or to all. Of those that share it, the others are
 * ranked when their pools are next asked: a pool pays for what it looks at, not for its neighbours.
 */
export function changed(budget: Budget, self?: Resource): void {
  for (const resource of budget.fresh) {
    if (resource === self) continue;
    resource.isStale = true;
    resource.pool.stale.push(resource);
  }
  budget.fresh.length = 0;
  if (self !== undefined) rankFresh(self);
}

/** Ranks what has become stale in a pool. */
export function refresh(pool: Pool): void {
  if (pool.stale.length === 0) return;
  for (const resource of pool.stale) if (resource.isStale) rankFresh(resource);
  pool.stale.length = 0;
}

function rankFresh(resource: Resource): void {
  rank(resource);
  resource.isStale = false;
  resource.budget.fresh.push(resource);
}

/** Freezes, locks or opens a resource. */
export function setClosed(
  resource: Resource,
  flags: { readonly frozen?: boolean; readonly locked?: boolean },
): void {
  const wasClosed = isClosed(resource);
  Object.assign(resource, flags);
  if (wasClosed === isClosed(resource)) return;
  resource.pool.pinned += wasClosed ? -resource.held : resource.held;
  rank(resource);
}

/** A pool without resources and sessions. */
export function newPool(name: string, { latencyMs, seed, mode }: Defaults, index: number): Pool {
  const resources: Resource[] = [];
  const isOlder = (a: number, b: number) =>
    resources[a]!.oldest!.order < resources[b]!.oldest!.order;
  const pool: Pool = {
    name,
    latencyMs,
    seed,
    mode,
    resources,
    byName: new NameMap(),
    sessions: new NameMap(),
    pinned: 0,
    stale: [],
    current: -1,
    currentStands: false,
    index,
    dueMs: Infinity,
    open: new Tournament((a, b) => isBelow(pool.seed, resources[a]!.budget, resources[b]!.budget)),
    heldByAge: new Tournament(isOlder),
    endable: new Tournament(isOlder),
    openable: new Tournament(isOlder),
  };
  return pool;
}
