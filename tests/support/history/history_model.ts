/**
 * The reference model: holders and wait queues, as the events report them. It knows the rules of
 * the protocol and nothing of the program. The checker moves it from event to event.
 */
import { modeOf } from "./event_matching.ts";
import { type Mode, type Op, type Table, tableOf } from "./types.ts";

export interface Hold {
  readonly name: string;
  connection: string;
  /** The connections that it was resumed from; the exact times are not known. */
  readonly formerConnections: string[];
  readonly mode: Mode;
  readonly token: number;
  /** When it was acquired; a new token does not change it. */
  readonly sinceMs: number;
  /** The earliest and the latest time at which its lease may expire; undefined: no lease. */
  lease?: { readonly firstMs: number; readonly lastMs: number } | undefined;
  grace: number;
  /** When its connection ended and its grace began. */
  graceSinceMs?: number | undefined;
}

export interface Waiter {
  readonly op: Op;
  /** Smaller for earlier waiters. */
  readonly order: number;
  /** Its priority in the queue of each name that it waits for. */
  readonly priorities: Map<string, number>;
}

/** The priority of a request for more of what its connection already holds: above all others. */
const OWN_PRIORITY = Infinity;

export class Lock {
  readonly name: string;
  exclusive: Hold | undefined;
  readonly shared: Hold[] = [];
  readonly queue: Waiter[] = [];
  previous: { how: string; holder: string } = { how: "none", holder: "" };

  constructor(name: string) {
    this.name = name;
  }

  /** All holds, the exclusive one first. */
  get holds(): Hold[] {
    return this.exclusive === undefined ? this.shared : [this.exclusive, ...this.shared];
  }

  heldBy(connection: string, table: Table): Hold | undefined {
    if (table === "shared") return this.shared.find((hold) => hold.connection === connection);
    return this.exclusive?.connection === connection ? this.exclusive : undefined;
  }

  find(token: number, table: Table): Hold | undefined {
    if (table === "shared") return this.shared.find((hold) => hold.token === token);
    return this.exclusive?.token === token ? this.exclusive : undefined;
  }

  /** Adds a hold; it replaces an older one of the same connection in the same table. */
  put(hold: Hold): void {
    const { connection, mode } = hold;
    if (tableOf(mode) === "exclusive") {
      this.exclusive = hold;
      return;
    }
    const older = this.shared.findIndex((other) => other.connection === connection);
    if (older < 0) this.shared.push(hold);
    else this.shared[older] = hold;
  }

  remove(hold: Hold): void {
    if (this.exclusive === hold) this.exclusive = undefined;
    const at = this.shared.indexOf(hold);
    if (at >= 0) this.shared.splice(at, 1);
  }

  /** Returns the holds that conflict with a request; those of the same connection never do. */
  blockers(connection: string, mode: Mode, max: number | undefined): Hold[] {
    const exclusive = this.exclusive !== undefined && this.exclusive.connection !== connection
      ? [this.exclusive]
      : [];
    if (mode === "exclusive") return exclusive;
    const shared = this.shared.filter((hold) => hold.connection !== connection);
    if (mode === "write") return [...exclusive, ...shared];
    const isOwn = shared.length < this.shared.length;
    const beyondMax = isOwn || shared.length < (max ?? Infinity) ? [] : shared;
    return mode === "read" ? [...exclusive, ...beyondMax] : beyondMax;
  }

  /** Inserts the waiter behind those of its priority. */
  enqueue(waiter: Waiter): void {
    const { name } = this;
    const at = this.queue.findIndex((other) => isBefore(waiter, other, name));
    if (at < 0) this.queue.push(waiter);
    else this.queue.splice(at, 0, waiter);
  }

  dequeue(op: Op): Waiter | undefined {
    const at = this.queue.findIndex((waiter) => waiter.op === op);
    return at < 0 ? undefined : this.queue.splice(at, 1)[0];
  }
}

function isBefore(
  one: Pick<Waiter, "order" | "priorities">,
  other: Waiter,
  name: string,
): boolean {
  const [own, others] = [one.priorities.get(name)!, other.priorities.get(name)!];
  return own > others || own === others && one.order < other.order;
}

export class HistoryModel {
  readonly ops: readonly Op[];
  /** The index of the current event: the number of events before it. */
  index = 0;
  readonly locks = new Map<string, Lock>();
  /** Waiters by the name of their connection; a connection has one at a time. */
  readonly waiting = new Map<string, Waiter>();
  /** The connections whose end was reported. */
  readonly ended = new Set<string>();
  /** The names of the locks that each connection may hold. */
  readonly #heldBy = new Map<string, Set<string>>();

  constructor(ops: readonly Op[]) {
    this.ops = ops;
  }

  lock(name: string): Lock {
    let lock = this.locks.get(name);
    if (lock === undefined) this.locks.set(name, lock = new Lock(name));
    return lock;
  }

  put(hold: Hold): void {
    this.lock(hold.name).put(hold);
    this.#indexHold(hold);
  }

  /** Returns what a connection holds now. */
  holdsOf(connection: string): Hold[] {
    return [...this.#heldBy.get(connection) ?? []].flatMap((name) =>
      this.lock(name).holds.filter((hold) => hold.connection === connection)
    );
  }

  /** Gives the hold to another connection. */
  transfer(hold: Hold, connection: string): void {
    hold.formerConnections.push(hold.connection);
    hold.connection = connection;
    hold.graceSinceMs = undefined;
    this.#indexHold(hold);
  }

  /** Returns the priority that a request has in the queue of a name. */
  priorityOf(op: Op, name: string): number {
    const own = this.lock(name).heldBy(op.connection, tableOf(modeOf(op)));
    return own === undefined ? op.options.priority ?? 0 : OWN_PRIORITY;
  }

  /**
   * Moves a waiter back to its normal priority after its connection has lost what it held of the
   * name. Returns its request, or undefined if the connection does not wait for more of that name.
   */
  demoteWaiter(connection: string, name: string): Op | undefined {
    const waiter = this.waiting.get(connection);
    if (waiter?.priorities.get(name) !== OWN_PRIORITY) return undefined;
    const priority = this.priorityOf(waiter.op, name);
    if (priority === OWN_PRIORITY) return undefined;
    const lock = this.lock(name);
    lock.dequeue(waiter.op);
    waiter.priorities.set(name, priority);
    lock.enqueue(waiter);
    return waiter.op;
  }

  /** Returns the waiters to grant before it; none if its connection already holds the name. */
  waitersAhead(op: Op, name: string): Waiter[] {
    const isOwn = this.waiting.get(op.connection)?.op !== op &&
      this.priorityOf(op, name) === OWN_PRIORITY;
    return isOwn ? [] : this.#queuedBefore(op, name);
  }

  /** Returns the waiters before it in a queue, or before the place that it would get. */
  #queuedBefore(op: Op, name: string): Waiter[] {
    const { queue } = this.lock(name);
    const own = queue.findIndex((waiter) => waiter.op === op);
    if (own >= 0) return queue.slice(0, own);
    const priority = this.priorityOf(op, name);
    return queue.filter(({ priorities }) => priorities.get(name)! >= priority);
  }

  /** Whether no holder conflicts with the request, and no waiter is ahead of it. */
  isGrantable(op: Op): boolean {
    return op.names.every((name) =>
      !this.isBlocked(op, name) && this.waitersAhead(op, name).length === 0
    );
  }

  /** Whether holders of that name conflict with the request. */
  isBlocked(op: Op, name: string): boolean {
    return this.lock(name).blockers(op.connection, modeOf(op), op.options.max).length > 0;
  }

  /**
   * Returns the connections that a request waits for, or would wait for: holders and waiters ahead.
   * @param strict only the holders that conflict with the request.
   */
  waitsFor(op: Op, strict: boolean): Set<string> {
    const connections = new Set<string>();
    for (const name of op.names) {
      const lock = this.lock(name);
      const holders = strict
        ? lock.blockers(op.connection, modeOf(op), op.options.max)
        : lock.holds;
      for (const hold of holders) {
        if (hold.graceSinceMs === undefined) connections.add(hold.connection);
      }
      for (const waiter of this.#queuedBefore(op, name)) connections.add(waiter.op.connection);
    }
    connections.delete(op.connection);
    return connections;
  }

  #indexHold({ connection, name }: Hold): void {
    const names = this.#heldBy.get(connection);
    if (names === undefined) this.#heldBy.set(connection, new Set([name]));
    else names.add(name);
  }
}

/**
 * Returns the cycle of waiting connections that the request of `op` closes, its own first.
 */
export function findCycle(model: HistoryModel, op: Op): string[] | undefined {
  const seen = new Set<string>();
  const walk = (current: Op, path: readonly string[]): string[] | undefined => {
    for (const connection of model.waitsFor(current, true)) {
      if (connection === op.connection) return [...path];
      const next = model.waiting.get(connection);
      if (next === undefined || seen.has(connection)) continue;
      seen.add(connection);
      const found = walk(next.op, [...path, connection]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(op, [op.connection]);
}
