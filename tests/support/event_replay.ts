/** Who holds what as those who watch see it: made of nothing but what they are told. */
import type { LockHolder } from "../../lib/state/locks/store.ts";
import type { LockEvent } from "../../lib/state/locks/event_log.ts";
import { assert, assertEquals } from "./assert.ts";

interface Known {
  readonly name: string;
  readonly isShared: boolean;
  owner: number;
  readonly token: number;
}

export class Replay {
  /** The key is the kind, the name, and of a shared one the session. */
  readonly #held = new Map<string, Known>();
  /** Who waits, and for which names. */
  readonly #waiting = new Map<LockHolder, Set<string>>();

  follow(events: readonly LockEvent[], message: string): void {
    for (const event of events) {
      const text = `${message}: ${event.kind} ${event.name}`;
      if (event.kind === "acquire") this.#acquire(event, text);
      else if (event.kind === "release") this.#release(event, text);
      else if (event.kind === "wait") {
        const names = this.#waiting.get(event.holder) ?? new Set();
        this.#waiting.set(event.holder, names.add(event.name));
      } else if (event.kind !== "force") this.#waitsNoMore(event.holder, event.name, text);
    }
  }

  /** What was kept for one session goes to another: nobody is told, as the party is the same. */
  handOver(kept: readonly { name: string; isShared: boolean }[], from: number, to: number): void {
    for (const { name, isShared } of kept) {
      const key = keyOf(name, isShared, { owner: from });
      const known = this.#held.get(key);
      if (known === undefined) continue; // it had one already
      this.#held.delete(key);
      known.owner = to;
      this.#held.set(keyOf(name, isShared, { owner: to }), known);
    }
  }

  /** What is left must be just what is. */
  compare(
    holdings: readonly {
      name: string;
      isShared: boolean;
      party: { owner: number };
      token: number;
    }[],
    message: string,
  ): void {
    const text = (it: { name: string; isShared: boolean; token: number }, owner: number) =>
      JSON.stringify([it.name, it.isShared, owner, it.token]);
    const seen = [...this.#held.values()].map((it) => text(it, it.owner));
    const held = holdings.map((it) => text(it, it.party.owner));
    assertEquals(seen.toSorted(), held.toSorted(), `${message}: as watched`);
  }

  /** Those of whom it was told that they wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  #acquire({ name, mode, holder, token }: LockEvent & { kind: "acquire" }, message: string): void {
    const isShared = mode === "shared" || mode === "read";
    const known = this.#held.get(keyOf(name, isShared, holder));
    // What one has already may get another token.
    assert(known === undefined || known.owner === holder.owner, message);
    this.#held.set(keyOf(name, isShared, holder), { name, isShared, owner: holder.owner, token });
    if (this.#waiting.has(holder)) this.#waitsNoMore(holder, name, message);
  }

  #release({ name, mode, holder, token }: LockEvent & { kind: "release" }, message: string): void {
    const key = keyOf(name, mode === "shared" || mode === "read", holder);
    const known = this.#held.get(key);
    assertEquals([known?.owner, known?.token], [holder.owner, token], message);
    this.#held.delete(key);
  }

  #waitsNoMore(holder: LockHolder, name: string, message: string): void {
    const names = this.#waiting.get(holder);
    assert(names !== undefined && names.delete(name), message);
    if (names.size === 0) this.#waiting.delete(holder);
  }
}

function keyOf(name: string, isShared: boolean, { owner }: Pick<LockHolder, "owner">): string {
  return isShared ? `shared ${owner} ${name}` : `exclusive ${name}`;
}
