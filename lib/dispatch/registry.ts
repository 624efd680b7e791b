/** The live sessions of one protocol: their numbers, addresses, chosen names and secrets. */
import { LABEL_BYTES_MAX } from "../wire/extended.ts";
import { detached } from "../text.ts";
import type { LockHolder } from "../state/locks/store.ts";
import type { Owner } from "../state/locks/rules.ts";
import type { CloseReason } from "../transport/connection.ts";
import { shorten } from "../wire/bytes.ts";

interface Session {
  /** Only a default name. */
  readonly address: string;
  readonly end: (how: CloseReason) => void;
  name: string;
  /** Which choice of a name of all this was. */
  choice: number;
  /** What proves to be this session; empty until it is asked for. */
  secret: string;
}

/** Some may have left already. */
type Party = Pick<LockHolder, "owner" | "departed">;

const SECRET_BYTES = 16;
export class Registry {
  readonly #sessions = new Map<Owner, Session>();
  readonly #nextOwner: () => Owner;
  #choices = 0;

  /** @param nextOwner a number that no other session of any protocol ever had. */
  constructor(nextOwner: () => Owner) {
    this.#nextOwner = nextOwner;
  }

  /** The number of live sessions. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * A session begins: its number.
   * @param end ends its connection; what it held is given back, or kept for it, in the same step.
   */
  enter(address: string, end: (how: CloseReason) => void): Owner {
    const owner = this.#nextOwner();
    this.#sessions.set(owner, { address, end, name: "", choice: 0, secret: "" });
    return owner;
  }

  leave(owner: Owner): void {
    this.#sessions.delete(owner);
  }

  /** Sets the chosen name; the empty one drops it. Names need not be unique. */
  rename(owner: Owner, name: string): void {
    const session = this.#sessions.get(owner);
    if (session === undefined) return;
    session.name = detached(name);
    session.choice = ++this.#choices;
  }

  addressOf(owner: Owner): string {
    return this.#sessions.get(owner)?.address ?? "";
  }

  /** The chosen name, or the address. */
  nameOf(owner: Owner): string {
    const session = this.#sessions.get(owner);
    return session === undefined ? "" : session.name || session.address;
  }

  /** The name of one who may have left, as it was then. */
  nameOfParty({ owner, departed }: Party): string {
    return departed?.name ?? this.nameOf(owner);
  }

  /** The same, no longer than the later words show a name, and events keep it. */
  labelOfParty(party: Party): string {
    return shorten(this.nameOfParty(party), LABEL_BYTES_MAX);
  }

  addressOfParty({ owner, departed }: Party): string {
    return departed?.address ?? this.addressOf(owner);
  }

  /** What this session shows when it comes back on another connection; made when first asked for. */
  issueSecret(owner: Owner): string {
    const session = this.#sessions.get(owner);
    if (session === undefined) return "";
    return session.secret ||= crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toHex();
  }

  /** Empty, if it was never issued. */
  secretOf(owner: Owner): string {
    return this.#sessions.get(owner)?.secret ?? "";
  }

  /** Ends a session that is believed to be alive, for who proves to be the same; false: it is not. */
  supersede(owner: Owner, isSecret: (secret: string) => boolean): boolean {
    const session = this.#sessions.get(owner);
    if (session === undefined || session.secret === "" || !isSecret(session.secret)) return false;
    session.end("lost");
    return true;
  }

  /**
   * Address and name of those who have chosen one, in the order they did: some clients take the
   * last of two equal names.
   */
  named(): (readonly [address: string, name: string])[] {
    return [...this.#sessions.values()]
      .filter(({ name }) => name !== "")
      .sort((a, b) => a.choice - b.choice)
      .map(({ address, name }) => [address, name]);
  }
}
