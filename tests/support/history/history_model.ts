/**
 * Who holds what and who waits where, as the events tell: the reference model. It knows the
 * contract's rules and nothing of the program; the checker moves it from event to event.
 */
import { modeOf } from "./pairing.ts";
import { type Mode, type Op, type Table, tableOf } from "./types.ts";

export interface Holding {
  readonly name: string;
  life: string;
  /** Those it was resumed from: when exactly, is not known. */
  readonly formerLives: string[];
  readonly mode: Mode;
  readonly token: number;
  /** Since when it is held; a new token changes nothing about that. */
  readonly since: number;
  /** When its lease may end first and when it must have ended; undefined: nobody knows. */
  lease?: { readonly first: number; readonly last: number } | undefined;
  grace: number;
  /** When its connection has ended and its grace begun. */
  keptSince?: number | undefined;
}

export interface Waiter {
  readonly op: Op;
  /** Earlier ones have smaller ones. */
  readonly order: number;
  /** The names in whose queues it stands, and with which priority. */
  readonly places: Map<string, number>;
}

/** What one holds already, nobody else can have before: ahead of every priority. */
const OWN_PRIORITY = Infinity;

export class Lock {
  readonly name: string;
  exclusive: Holding | undefined;
  readonly shared: Holding[] = [];
  readonly queue: Waiter[] = [];
  previous: { how: string; holder: string } = { how: "none", holder: "" };

  constructor(name: string) {
    this.name = name;
  }

  /** All holdings, those that a request of that mode speaks of first. */
  get holdings(): Holding[] {
    return this.exclusive === undefined ? this.shared : [this.exclusive, ...this.shared];
  }

  heldBy(life: string, table: Table): Holding | undefined {
    if (table === "shared") return this.shared.find((holding) => holding.life === life);
    return this.exclusive?.life === life ? this.exclusive : undefined;
  }

  find(token: number, table: Table): Holding | undefined {
    if (table === "shared") return this.shared.find((holding) => holding.token === token);
    return this.exclusive?.token === token ? this.exclusive : undefined;
  }

  /** Puts it in; an older one of the same life in the same table goes. */
  put(holding: Holding): void {
    const { life, mode } = holding;
    if (tableOf(mode) === "exclusive") {
      this.exclusive = holding;
      return;
    }
    const older = this.shared.findIndex((other) => other.life === life);
    if (older < 0) this.shared.push(holding);
    else this.shared[older] = holding;
  }

  remove(holding: Holding): void {
    if (this.exclusive === holding) this.exclusive = undefined;
    const at = this.shared.indexOf(holding);
    if (at >= 0) this.shared.splice(at, 1);
  }

  /** Holders that keep a life from getting it in that mode; one's own never do. */
  blockers(life: string, mode: Mode, max: number | undefined): Holding[] {
    const exclusive = this.exclusive !== undefined && this.exclusive.life !== life
      ? [this.exclusive]
      : [];
    if (mode === "exclusive") return exclusive;
    const shared = this.shared.filter((holding) => holding.life !== life);
    if (mode === "write") return [...exclusive, ...shared];
    const isOwn = shared.length < this.shared.length;
    const those = isOwn || shared.length < (max ?? Infinity) ? [] : shared;
    return mode === "read" ? [...exclusive, ...those] : those;
  }

  /** Stands it behind those of its priority. */
  stand(waiter: Waiter): void {
    const { name } = this;
    const at = this.queue.findIndex((other) => isBefore(waiter, other, name));
    if (at < 0) this.queue.push(waiter);
    else this.queue.splice(at, 0, waiter);
  }

  leave(op: Op): Waiter | undefined {
    const at = this.queue.findIndex((waiter) => waiter.op === op);
    return at < 0 ? undefined : this.queue.splice(at, 1)[0];
  }
}

function isBefore(
  one: Pick<Waiter, "order" | "places">,
  other: Waiter,
  name: string,
): boolean {
  const [its, others] = [one.places.get(name)!, other.places.get(name)!];
  return its > others || its === others && one.order < other.order;
}

export class World {
  readonly ops: readonly Op[];
  /** How many events have happened. */
  index = 0;
  readonly locks = new Map<string, Lock>();
  /** Waiters by the name of their life; a life waits for one thing at a time. */
  readonly waiting = new Map<string, Waiter>();
  /** Lives whose end has been told. */
  readonly ended = new Set<string>();
  /** Which locks a life may hold something of. */
  readonly #heldBy = new Map<string, Set<string>>();

  constructor(ops: readonly Op[]) {
    this.ops = ops;
  }

  lock(name: string): Lock {
    let lock = this.locks.get(name);
    if (lock === undefined) this.locks.set(name, lock = new Lock(name));
    return lock;
  }

  put(holding: Holding): void {
    this.lock(holding.name).put(holding);
    this.#note(holding);
  }

  /** What a life holds now. */
  holdingsOf(life: string): Holding[] {
    return [...this.#heldBy.get(life) ?? []].flatMap((name) =>
      this.lock(name).holdings.filter((holding) => holding.life === life)
    );
  }

  /** Another life has it from now on. */
  hand(holding: Holding, life: string): void {
    holding.formerLives.push(holding.life);
    holding.life = life;
    holding.keptSince = undefined;
    this.#note(holding);
  }

  /** With which priority a request would stand in the queue of a name. */
  priorityOf(op: Op, name: string): number {
    const own = this.lock(name).heldBy(op.life, tableOf(modeOf(op)));
    return own === undefined ? op.options.priority ?? 0 : OWN_PRIORITY;
  }

  /**
   * A life has lost what it held of a name. If it waits for more of it, it waits like others from
   * now on; its request is given back then.
   */
  loseOwn(life: string, name: string): Op | undefined {
    const waiter = this.waiting.get(life);
    if (waiter?.places.get(name) !== OWN_PRIORITY) return undefined;
    const priority = this.priorityOf(waiter.op, name);
    if (priority === OWN_PRIORITY) return undefined;
    const lock = this.lock(name);
    lock.leave(waiter.op);
    waiter.places.set(name, priority);
    lock.stand(waiter);
    return waiter.op;
  }

  /** Those who must be served before it; nobody, if it holds already what it asks for. */
  ahead(op: Op, name: string): Waiter[] {
    const isOwn = this.waiting.get(op.life)?.op !== op &&
      this.priorityOf(op, name) === OWN_PRIORITY;
    return isOwn ? [] : this.#before(op, name);
  }

  /** Those before it in a queue, or before where it would stand. */
  #before(op: Op, name: string): Waiter[] {
    const { queue } = this.lock(name);
    const own = queue.findIndex((waiter) => waiter.op === op);
    if (own >= 0) return queue.slice(0, own);
    const priority = this.priorityOf(op, name);
    return queue.filter(({ places }) => places.get(name)! >= priority);
  }

  /** Whether all it asks for is free for it, and nobody is before it. */
  canHave(op: Op): boolean {
    return op.names.every((name) => !this.isKept(op, name) && this.ahead(op, name).length === 0);
  }

  /** Whether holders keep it from having that name. */
  isKept(op: Op, name: string): boolean {
    return this.lock(name).blockers(op.life, modeOf(op), op.options.max).length > 0;
  }

  /**
   * For whom a request waits, or would: the lives that hold what it wants, and those ahead of it.
   * @param strict of the holders only those who keep it waiting.
   */
  waitsFor(op: Op, strict: boolean): Set<string> {
    const lives = new Set<string>();
    for (const name of op.names) {
      const lock = this.lock(name);
      const holders = strict ? lock.blockers(op.life, modeOf(op), op.options.max) : lock.holdings;
      for (const holding of holders) if (holding.keptSince === undefined) lives.add(holding.life);
      for (const waiter of this.#before(op, name)) lives.add(waiter.op.life);
    }
    lives.delete(op.life);
    return lives;
  }

  #note({ life, name }: Holding): void {
    const names = this.#heldBy.get(life);
    if (names === undefined) this.#heldBy.set(life, new Set([name]));
    else names.add(name);
  }
}

/**
 * A cycle of waiting connections that the request of `op` closes, beginning with its own life.
 */
export function findCycle(world: World, op: Op): string[] | undefined {
  const seen = new Set<string>();
  const walk = (at: Op, way: readonly string[]): string[] | undefined => {
    for (const life of world.waitsFor(at, true)) {
      if (life === op.life) return [...way];
      const next = world.waiting.get(life);
      if (next === undefined || seen.has(life)) continue;
      seen.add(life);
      const found = walk(next.op, [...way, life]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(op, [op.life]);
}
