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
 * 5. After every change of what a rank depends on, `changed`, `outdate` or `outdateAge` is called;
 *    whoever asks a tournament of a pool calls `rankUse` or `rankAge` before (`ranking.ts`).
 *
 * Contract: docs/protocol/looky.md. Names are text of one character a byte.
 */
import type { Owner } from "../locks/rules.ts";
import { type Named, NameTable } from "../../collections/name_table.ts";
import { NameMap } from "../../collections/name_map.ts";
import { Tournament } from "../../collections/tournament.ts";
import { type Budget, isBelow } from "./budget.ts";

export const SEEDS = ["weighted", "serial", "parallel", "minimal"] as const;
/** How a pool chooses among its open resources. */
export type Seed = typeof SEEDS[number];

/** What a pool does for a new consumer when it is full; a number is `queued-DD`, full at DD. */
export type PoolMode = "sticky" | "queued" | number;

/** One consumer's use of one unit of one resource. */
export class PoolSession implements Named<PoolSession> {
  /** The neighbours on the same resource, by last contact. */
  older: PoolSession | undefined = undefined;
  younger: PoolSession | undefined = undefined;
  hash = 0;
  chained: PoolSession | undefined = undefined;

  /**
   * @param name of the consumer.
   * @param order which contact of all the last one was: several may share a millisecond.
   * @param seat its number among the sessions of its resource, while it lasts; then another's.
   */
  constructor(
    readonly name: string,
    readonly resource: Resource,
    public contactMs: number,
    public order: number,
    readonly seat: number,
  ) {}

  get consumer(): string {
    return this.name;
  }
}

/** A resource as one pool sees it. */
export interface Resource {
  readonly name: string;
  readonly pool: Pool;
  /** Its place in the pool's list. */
  index: number;
  /** The table's revision when it was made: it rises along the pool's list. */
  readonly madeAt: number;
  /** Its own, or that of all resources of its name when it is coupled. */
  budget: Budget;
  frozen: boolean;
  locked: boolean;
  /** The number of sessions on it, in this pool. */
  held: number;
  oldest: PoolSession | undefined;
  youngest: PoolSession | undefined;
  /** How many seats there are; those that nobody has, the last given back at the end. */
  seats: number;
  freeSeats: number[];
  /** The order of its oldest session when it was last ranked by age; -1 for none. */
  rankedOrder: number;
  /** Whether it is to be ranked before somebody asks who is open, or who is the oldest. */
  isUseStale: boolean;
  isAgeStale: boolean;
  /** Whether it was ranked, in either way, since its budget changed. */
  isFresh: boolean;
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
  /** How many of its sessions are on frozen or locked resources. */
  pinned: number;
  /** Resources that are to be ranked; some may be gone. */
  readonly useStale: Resource[];
  readonly ageStale: Resource[];
  /** The index of the last choice; -1 before the first. */
  current: number;
  /** Whether the resource chosen last is still there; else the next choice starts behind `current`. */
  currentStands: boolean;
  /** Its place in the table's list. */
  index: number;
  /** The table's revision when it was made: it rises along the table's list. */
  readonly madeAt: number;
  /** No session ends for want of contact before this moment. */
  dueMs: number;
  /** By index: what a resource was last ranked by, the best for the seed method lowest. */
  readonly loads: number[];
  /** Whether a resource is or was so large that different loads of it may look equal. */
  isVast: boolean;
  /** The open resources, the best for the seed method first. */
  readonly open: Tournament;
  /** By the last contact of their oldest session: resources that hold any, */
  readonly heldByAge: Tournament;
  /** those of them that are neither frozen nor locked, */
  readonly endable: Tournament;
  /** and those of them that one session less would open. */
  readonly openable: Tournament;
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
  /** Names that are coupled, also such that no pool has yet. */
  readonly coupled: Set<string>;
  /** What a new pool begins with. */
  readonly defaults: PoolDefaults;
  /** By `dueMs`: the pools that have sessions. */
  readonly due: Tournament;
  /** Who may do what in master mode, and what falls when it ends. */
  master: Owner | undefined;
  readonly locked: Set<Resource>;
  /** How many contacts there were so far. */
  contacts: number;
  /** How many sessions were ended, or nearly, since somebody counted: no part of what is true. */
  toil: number;
  /** Goes up with every change that `save` would save. */
  revision: number;
  /** For tables of names. */
  readonly salt: number;
  savedRevision: number;
}

/** Why a rule did nothing, and what it is about. */
export class Refused {
  constructor(readonly refused: PoolRefusal, readonly name: string) {}
}

export type PoolRefusal =
  | "no pool"
  | "no resource"
  | "no consumer"
  | "no room"
  | "pool exists"
  | "another is master"
  | "nobody is master"
  | "mastered already";

export function refuse(refused: PoolRefusal, name = ""): Refused {
  return new Refused(refused, name);
}

/** Whether a rule's outcome is a refusal. */
export function isRefused(outcome: unknown): outcome is Refused {
  return outcome instanceof Refused;
}

/** A pool without resources and sessions. */
export function newPool(name: string, { defaults, list, revision, salt }: Pools): Pool {
  const { latencyMs, seed, mode } = defaults;
  const resources: Resource[] = [];
  const loads: number[] = [];
  const isOlder = (a: number, b: number) => resources[a]!.rankedOrder < resources[b]!.rankedOrder;
  const pool: Pool = {
    name,
    latencyMs,
    seed,
    mode,
    resources,
    byName: new NameMap(),
    sessions: new NameTable(salt),
    pinned: 0,
    useStale: [],
    ageStale: [],
    current: -1,
    currentStands: false,
    index: list.length,
    madeAt: revision,
    dueMs: Infinity,
    loads,
    isVast: false,
    open: new Tournament((a, b) => {
      if (loads[a] !== loads[b]) return loads[a]! < loads[b]!;
      return pool.isVast && isBelow(pool.seed, resources[a]!.budget, resources[b]!.budget);
    }),
    heldByAge: new Tournament(isOlder),
    endable: new Tournament(isOlder),
    openable: new Tournament(isOlder),
    hash: 0,
    chained: undefined,
  };
  return pool;
}
