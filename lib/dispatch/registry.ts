/** The live sessions of one server: their numbers, addresses and chosen names. */
import type { Owner } from "../state/locks.ts";

export class Registry {
  readonly #addresses = new Map<Owner, string>();
  /** Chosen names, in the order of choosing: some clients take the last of two equal ones. */
  readonly #names = new Map<Owner, string>();
  #last: Owner = 0;

  /** The number of live sessions. */
  get size(): number {
    return this.#addresses.size;
  }

  /** A session begins: its number, which no other ever had. The address is only its default name. */
  enter(address: string): Owner {
    this.#addresses.set(++this.#last, address);
    return this.#last;
  }

  leave(owner: Owner): void {
    this.#addresses.delete(owner);
    this.#names.delete(owner);
  }

  /** Sets the chosen name; the empty one drops it. Names need not be unique. */
  rename(owner: Owner, name: string): void {
    this.#names.delete(owner);
    // Made anew: a piece of a larger text would keep the whole text in memory.
    if (name !== "") this.#names.set(owner, ` ${name}`.slice(1));
  }

  addressOf(owner: Owner): string {
    return this.#addresses.get(owner) ?? "";
  }

  /** The chosen name, or the address. */
  nameOf(owner: Owner): string {
    return this.#names.get(owner) ?? this.addressOf(owner);
  }

  /** Address and name of those who have chosen one, in the order they did. */
  *named(): Iterable<readonly [address: string, name: string]> {
    for (const [owner, name] of this.#names) yield [this.addressOf(owner), name];
  }
}
