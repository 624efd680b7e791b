/** The live sessions of one protocol: their numbers, addresses and chosen names. */
import type { Owner } from "../state/locks.ts";
import { ownText } from "../state/names.ts";

interface Name {
  readonly text: string;
  /** Which choice of all this was. */
  readonly choice: number;
}

export class Registry {
  readonly #addresses = new Map<Owner, string>();
  readonly #names = new Map<Owner, Name>();
  readonly #nextOwner: () => Owner;
  #choices = 0;

  /** @param nextOwner a number that no other session of any protocol ever had. */
  constructor(nextOwner: () => Owner) {
    this.#nextOwner = nextOwner;
  }

  /** The number of live sessions. */
  get size(): number {
    return this.#addresses.size;
  }

  /** A session begins: its number. The address is only its default name. */
  enter(address: string): Owner {
    const owner = this.#nextOwner();
    this.#addresses.set(owner, address);
    return owner;
  }

  leave(owner: Owner): void {
    this.#addresses.delete(owner);
    this.#names.delete(owner);
  }

  /** Sets the chosen name; the empty one drops it. Names need not be unique. */
  rename(owner: Owner, name: string): void {
    // Never deleted while the session lives: `state/names.ts` says what comes and goes costs.
    this.#names.set(owner, { text: ownText(name), choice: ++this.#choices });
  }

  addressOf(owner: Owner): string {
    return this.#addresses.get(owner) ?? "";
  }

  /** The chosen name, or the address. */
  nameOf(owner: Owner): string {
    return this.#names.get(owner)?.text || this.addressOf(owner);
  }

  /**
   * Address and name of those who have chosen one, in the order they did: some clients take the
   * last of two equal names.
   */
  named(): (readonly [address: string, name: string])[] {
    return [...this.#names]
      .filter(([, { text }]) => text !== "")
      .sort(([, a], [, b]) => a.choice - b.choice)
      .map(([owner, { text }]) => [this.addressOf(owner), text]);
  }
}
