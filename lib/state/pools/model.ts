/**
 * The pool table: which consumer has a session on which resource of which pool. Pure, like all of
 * state/. Here are the records; the rules are in the files beside this one, by topic.
 *
 * Laws
 * 1. A rule validates, then writes; a refusal is a value and changes nothing.
 * 2. A consumer has at most one session in a pool.
 * 3. `counted` of a budget = the sessions on its resources, however many pools share it.
 * 4. The engine ends what has expired (`expireSessions`) before it lets a rule see the table. So a
 *    rule never meets an expired session.
 * 5. Code that changes what a rank depends on calls `invalidateRanks` or one of its kind. Code that
 *    reads a tournament of a pool first calls `updateUseRanks` or `updateAgeRanks` (`ranking.ts`).
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
   * @param contactNumber orders the last contacts of all sessions: several may share a millisecond.
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
  /** The sessions on all its resources. */
  counted: number;
  /** What `set-used` adds to `counted`. */
  offset: number;
  /** The resources that share the budget: a single one, or the coupled ones of all pools. */
  readonly resources: Set<Resource>;
  /** Those of them that were ranked since the budget changed; the ranks of the others are stale. */
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
  /** Its own, or the common one of all resources of its name when it is coupled. */
  budget: Budget;
  frozen: boolean;
  locked: boolean;
  /** The number of its sessions, in this pool. */
  sessionCount: number;
  oldest: PoolSession | undefined;
  youngest: PoolSession | undefined;
  /** The number of slots in use or free; the free ones, the last one returned at the end. */
  slotCount: number;
  freeSlots: number[];
  /** The contact number of its oldest session when it was last ranked by age; -1 for none. */
  rankedContactNumber: number;
  /** Whether it must be ranked before `open`, or the tournaments by age, are read. */
  isUseRankStale: boolean;
  isAgeRankStale: boolean;
  /** Whether it is in `budget.ranked`: it was ranked, either way, since the budget changed. */
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
  /** The index of the last choice; -1 before the first. */
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
  /** The open resources, the best for the seed method first. */
  readonly open: Tournament;
  /** The resources with sessions, by the last contact of their oldest; */
  readonly occupied: Tournament;
  /** those of them that are neither frozen nor locked; */
  readonly evictable: Tournament;
  /** and those of these that are open with one session less. */
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
  /** The connection that is the master, and what it has locked. */
  master: Owner | undefined;
  readonly locked: Set<Resource>;
  /** The number of contacts so far. */
  contactCount: number;
  /** Sessions ended, or tentatively ended, since the clock was read: bookkeeping of the engine. */
  workSinceClockRead: number;
  /** Increases with every change that `save` would save. */
  revision: number;
  /** For tables of names. */
  readonly salt: number;
  savedRevision: number;
}

/** Why a rule did nothing, and the name it failed on. */
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
