/** The holders of all locks as a watcher can know them: derived from the events alone. */
import type { LockEvent } from "../../lib/state/locks/event_log.ts";
import type { Party } from "../../lib/state/locks/party.ts";
import { assert, assertEquals } from "./assert.ts";

interface ReplayedHold {
  readonly name: string;
  readonly isShared: boolean;
  owner: number;
  readonly token: number;
}

export class EventReplay {
  /** The key is the kind, the name, and the session of a shared hold. */
  readonly #held = new Map<string, ReplayedHold>();
  /** The waiters, and the names they wait for. */
  readonly #waiting = new Map<Party, Set<string>>();

  apply(events: readonly LockEvent[], message: string): void {
    for (const event of events) {
      const text = `${message}: ${event.kind} ${event.name}`;
      if (event.kind === "acquire") this.#acquire(event, text);
      else if (event.kind === "release") this.#release(event, text);
      else if (event.kind === "wait") {
        const names = this.#waiting.get(event.holder) ?? new Set();
        this.#waiting.set(event.holder, names.add(event.name));
      } else if (event.kind !== "force") this.#endWait(event.holder, event.name, text);
    }
  }

  /** Transfers holds to a resumed session. There is no event, as the client is the same. */
  transfer(holds: readonly { name: string; isShared: boolean }[], from: number, to: number): void {
    for (const { name, isShared } of holds) {
      const key = keyOf(name, isShared, { owner: from });
      const hold = this.#held.get(key);
      if (hold === undefined) continue; // the session has a hold of its own
      this.#held.delete(key);
      hold.owner = to;
      this.#held.set(keyOf(name, isShared, { owner: to }), hold);
    }
  }

  /** Asserts that the events tell of exactly these holds. */
  assertMatches(
    holds: readonly {
      name: string;
      isShared: boolean;
      party: { owner: number };
      token: number;
    }[],
    message: string,
  ): void {
    const text = (it: { name: string; isShared: boolean; token: number }, owner: number) =>
      JSON.stringify([it.name, it.isShared, owner, it.token]);
    const replayed = [...this.#held.values()].map((it) => text(it, it.owner));
    const held = holds.map((it) => text(it, it.party.owner));
    assertEquals(replayed.toSorted(), held.toSorted(), `${message}: as watched`);
  }

  /** The number of waiters that the events tell of. */
  get waiterCount(): number {
    return this.#waiting.size;
  }

  #acquire({ name, mode, holder, token }: LockEvent & { kind: "acquire" }, message: string): void {
    const isShared = mode === "shared" || mode === "read";
    const hold = this.#held.get(keyOf(name, isShared, holder));
    // A hold may get a new token.
    assert(hold === undefined || hold.owner === holder.owner, message);
    this.#held.set(keyOf(name, isShared, holder), { name, isShared, owner: holder.owner, token });
    if (this.#waiting.has(holder)) this.#endWait(holder, name, message);
  }

  #release({ name, mode, holder, token }: LockEvent & { kind: "release" }, message: string): void {
    const key = keyOf(name, mode === "shared" || mode === "read", holder);
    const hold = this.#held.get(key);
    assertEquals([hold?.owner, hold?.token], [holder.owner, token], message);
    this.#held.delete(key);
  }

  #endWait(holder: Party, name: string, message: string): void {
    const names = this.#waiting.get(holder);
    assert(names !== undefined && names.delete(name), message);
    if (names.size === 0) this.#waiting.delete(holder);
  }
}

function keyOf(name: string, isShared: boolean, { owner }: Pick<Party, "owner">): string {
  return isShared ? `shared ${owner} ${name}` : `exclusive ${name}`;
}
