/**
 * The sessions of a pool by the name of their consumer. A session that has just ended is kept: when
 * its consumer comes back, as a busy one does, it begins again, without a new object or entry.
 *
 * That is not only for speed. The runtime's `Map` leaves a mark where a key was deleted until it
 * next rebuilds its table, and looks at all marks of a key's bucket to find the key: a name that
 * comes and goes among very many others would get slower and slower (`state/names.ts`).
 */
import type { Session } from "./model.ts";

/** How many are kept. More consumers than this in turn leave their marks far from each other. */
const KEPT_MAX = 256;
/** The longest name that is kept: longer ones are seldom busy, and would cost what they are long. */
const KEPT_LENGTH_MAX = 256;

export class Consumers {
  readonly #sessions = new Map<string, Session>();
  /** Those that are over, each in the slot that it names itself. */
  readonly #kept: (Session | undefined)[] = [];
  #keptCount = 0;
  /** The slot that was vacated last, when all are taken. */
  #hand = 0;

  /** How many sessions there are that are not over. */
  get size(): number {
    return this.#sessions.size - this.#keptCount;
  }

  /** The consumer's session. */
  get(consumer: string): Session | undefined {
    const session = this.#sessions.get(consumer);
    return session === undefined || this.isOver(session) ? undefined : session;
  }

  /** The same, or one that is over and may begin again. */
  find(consumer: string): Session | undefined {
    return this.#sessions.get(consumer);
  }

  /** Whether a session that was found here, and not lost since, is over. */
  isOver(session: Session): boolean {
    return this.#kept[session.slot] === session;
  }

  /** A session begins, for the first time or again. */
  add(session: Session): void {
    if (!this.isOver(session)) return void this.#sessions.set(session.consumer, session);
    this.#kept[session.slot] = undefined;
    this.#keptCount--;
  }

  /** A session is over. */
  remove(session: Session): void {
    const { consumer, slot } = session;
    if (consumer.length > KEPT_LENGTH_MAX) return void this.#sessions.delete(consumer);
    // A slot of one's own, so that who comes and goes alone drives out nobody.
    if (this.#kept[slot] !== undefined) session.slot = this.#vacate();
    this.#kept[session.slot] = session;
    this.#keptCount++;
  }

  /** A slot without a session. */
  #vacate(): number {
    if (this.#kept.length < KEPT_MAX) return this.#kept.length;
    this.#hand = (this.#hand + 1) % KEPT_MAX;
    const lost = this.#kept[this.#hand];
    if (lost !== undefined) {
      this.#sessions.delete(lost.consumer);
      this.#kept[this.#hand] = undefined;
      this.#keptCount--;
    }
    return this.#hand;
  }

  *[Symbol.iterator](): Iterator<[consumer: string, session: Session]> {
    for (const [consumer, session] of this.#sessions) {
      if (!this.isOver(session)) yield [consumer, session];
    }
  }
}
