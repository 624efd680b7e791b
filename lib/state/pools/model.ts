/**
 * The pool table: which consumer has a session on which resource of which pool. Pure, like all of
 * state/. This file has the records; the files beside it have the rules, by topic.
 *
 * Laws
 * 1. A rule validates, then writes; a refusal is a value and changes nothing.
 * 2. A consumer has at most one session in a pool.
 * 3. `counted` of a budget is the number of sessions on its resources, in all pools that share it.
 * 4. The engine ends expired sessions (`expireSessions`) before a rule reads the table. So a rule
 *    never meets an expired session.
 * 5. Code that changes a value on which ranks depend calls `invalidateRanks` or a similar function
 *    of `ranking.ts`. Code that reads a tournament of a pool calls `updateUseRanks` or
 *    `updateAgeRanks` first.
 *
 * Contract: docs/protocol/looky.md. Names are text of one character a byte.
 */
import type { Owner } from "../locks/party.ts";
import type { Named, NameTable } from "../../collections/name_table.ts";
import type { NameMap } from "../../collections/name_map.ts";
import type { Tournament } from "../../collections/tournament.ts";

export const SEEDS = ["weighted", "serial", "parallel", "minimal"] as const;
/** How a pool chooses among its open resources. */
export type Seed = typeof SEEDS[number];

/** What a full pool does for a new consumer; a number is `queued-DD`, full at DD sessions. */
export type PoolMode = "sticky" | "queued" | number;

/** One consumer's use of one unit of one resource. */
export class PoolSession implements Named<PoolSession> {
  /** The neighbours on the same resource, by last contact. */
  older: PoolSession | undefined = undefined;
  younger: PoolSession | undefined = undefined;
  hash = 0;
  chained: PoolSession | undefined = undefined;

  /**
   * @param name the consumer.
   * @param contactNumber orders the last contacts of all sessions, which may share a millisecond.
   * @param slot unique among the sessions of the resource; reused when the session has ended.
   */
  constructor(
    readonly name: string,
    readonly resource: Resource,
    public contactMs: number,
    public contactNumber: number,
    readonly slot: number,
  ) {}

  get consumer(): string {
    return this.name;
  }
}

/** The quantity of a resource and its use, in one pool, or in all pools if it is coupled. */
export interface Budget {
  /** The quantity as it was set. */
  given: number;
  /** In ten-thousandths, so that 1.15 is exact. */
  ratio: number;
  /** The effective quantity: given x ratio, rounded down. */
  have: number;
  /** The number of sessions on all its resources. */
  counted: number;
  /** What `set-used` adds to `counted`. */
  offset: number;
  /** The resources that share the budget: a single one, or the coupled ones of all pools. */
  readonly resources: Set<Resource>;
  /** The resources that were ranked since the budget changed; the ranks of the others are stale. */
  readonly ranked: Resource[];
}

/** A resource as one pool sees it. */
export interface Resource {
  readonly name: string;
  readonly pool: Pool;
  /** Its position in the pool's list. */
  index: number;
  /** The table's revision when it was created: it increases along the pool's list. */
  readonly createdAtRevision: number;
  /** Its own budget, or, if it is coupled, the budget that all resources of its name share. */
  budget: Budget;
  frozen: boolean;
  locked: boolean;
  /** The number of its sessions, in this pool. */
  sessionCount: number;
  oldest: PoolSession | undefined;
  youngest: PoolSession | undefined;
  /** The number of slots, in use or free. */
  slotCount: number;
  /** The slot freed last is at the end. */
  freeSlots: number[];
  /** The contact number of its oldest session when it was last ranked by age; -1 for none. */
  rankedContactNumber: number;
  /** Whether it must be ranked before `open` is read. */
  isUseRankStale: boolean;
  /** Whether it must be ranked before the tournaments by age are read. */
  isAgeRankStale: boolean;
  /** Whether it is in `budget.ranked`: it was ranked, by use or age, since the budget changed. */
  isRanked: boolean;
}

export interface Pool extends Named<Pool> {
  readonly name: string;
  latencyMs: number;
  seed: Seed;
  mode: PoolMode;
  readonly resources: Resource[];
  readonly byName: NameMap<Resource>;
  /** By consumer. */
  sessions: NameTable<PoolSession>;
  /** How many of its sessions are on frozen or locked resources, and so cannot be evicted. */
  pinnedCount: number;
  /** Resources that must be ranked; some of them may have been dropped. */
  readonly staleUseRanks: Resource[];
  readonly staleAgeRanks: Resource[];
  /** The index of the resource chosen last; -1 before the first choice. */
  current: number;
  /** Whether the resource chosen last still exists; else the next choice starts after `current`. */
  hasCurrent: boolean;
  /** Its position in the table's list. */
  index: number;
  /** The table's revision when it was created: it increases along the table's list. */
  readonly createdAtRevision: number;
  /** No session expires before this time. */
  nextExpiryMs: number;
  /** By index: the load by which a resource was last ranked; the seed method prefers the lowest. */
  readonly loads: number[];
  /** Whether a resource is or was so large that different loads may compare as equal. */
  hasInexactLoads: boolean;
  /** The open resources; the seed method prefers the winner. */
  readonly open: Tournament;
  /** The resources with sessions, by the last contact of their oldest session. */
  readonly occupied: Tournament;
  /** The occupied resources that are neither frozen nor locked. */
  readonly evictable: Tournament;
  /** The evictable resources that would be open with one session less. */
  readonly openableByEviction: Tournament;
}

export interface PoolDefaults {
  readonly latencyMs: number;
  readonly seed: Seed;
  readonly mode: PoolMode;
}

export interface Pools {
  /** In the order of the configuration, then of creation. */
  readonly list: Pool[];
  readonly byName: NameTable<Pool>;
  /** The resources of each name, one for each pool that has it. */
  readonly resources: NameMap<Set<Resource>>;
  /** Names that are coupled, including names that no pool has yet. */
  readonly coupled: Set<string>;
  /** The settings of a new pool. */
  readonly defaults: PoolDefaults;
  /** The pools that have sessions, by `nextExpiryMs`. */
  readonly byExpiry: Tournament;
  /** The connection that is the master. */
  master: Owner | undefined;
  /** The resources that the master has locked. */
  readonly locked: Set<Resource>;
  /** The number of contacts so far. */
  contactCount: number;
  /** For the engine: how many sessions ended, perhaps tentatively, since the clock was read. */
  workSinceClockRead: number;
  /** Increases with every change that `save` would save. */
  revision: number;
  /** For the hash tables of names. */
  readonly salt: number;
  /** The revision that was saved last. */
  savedRevision: number;
}

/** Why a rule did nothing, and the name that it concerns. */
export class PoolRefusal {
  constructor(readonly reason: PoolRefusalReason, readonly name: string) {}
}

export type PoolRefusalReason =
  | "no pool"
  | "no resource"
  | "no consumer"
  | "no room"
  | "pool exists"
  | "another is master"
  | "no master"
  | "master exists";

export function refuse(reason: PoolRefusalReason, name = ""): PoolRefusal {
  return new PoolRefusal(reason, name);
}

/** Returns whether a rule's outcome is a refusal. */
export function isRefusal(outcome: unknown): outcome is PoolRefusal {
  return outcome instanceof PoolRefusal;
}
