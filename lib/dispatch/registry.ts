/** The open sessions of one protocol: their numbers, addresses, chosen names and secrets. */
import type { Owner, Party } from "../state/locks/party.ts";
import { detached } from "../text.ts";
import type { CloseReason } from "../transport/connection.ts";
import { shorten } from "../wire/bytes.ts";
import { LABEL_BYTES_MAX } from "../wire/extended.ts";

interface Session {
  /** Shown as the name until the client chooses one. */
  readonly address: string;
  readonly close: (reason: CloseReason) => void;
  name: string;
  /** Orders the names of all sessions by the time when they were chosen. */
  nameSerial: number;
  /** Proves that a client may resume this session; empty until it is issued. */
  secret: string;
}

const SECRET_BYTES = 16;

export class Registry {
  readonly #sessions = new Map<Owner, Session>();
  readonly #nextOwner: () => Owner;
  #lastNameSerial = 0;

  /** @param nextOwner returns a number that no session of any protocol has had before. */
  constructor(nextOwner: () => Owner) {
    this.#nextOwner = nextOwner;
  }

  /** The number of live sessions. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Adds a session and returns its number.
   * @param close closes the connection and, before it returns, releases or keeps the session's
   * locks.
   */
  add(address: string, close: (reason: CloseReason) => void): Owner {
    const owner = this.#nextOwner();
    this.#sessions.set(owner, { address, close, name: "", nameSerial: 0, secret: "" });
    return owner;
  }

  remove(owner: Owner): void {
    this.#sessions.delete(owner);
  }

  /** Sets the chosen name; an empty name removes it. Names need not be unique. */
  rename(owner: Owner, name: string): void {
    const session = this.#sessions.get(owner);
    if (session === undefined) return;
    session.name = detached(name);
    session.nameSerial = ++this.#lastNameSerial;
  }

  addressOf(owner: Owner): string {
    return this.#sessions.get(owner)?.address ?? "";
  }

  /** Returns the chosen name, or else the address; an empty string for an unknown owner. */
  nameOf(owner: Owner): string {
    const session = this.#sessions.get(owner);
    return session === undefined ? "" : session.name || session.address;
  }

  /** Returns the name of a session, or its last name if it has ended. */
  nameOfParty({ owner, departed }: Party): string {
    return departed?.name ?? this.nameOf(owner);
  }

  /** Returns the name of a session, shortened for extended replies and events. */
  labelOfParty(party: Party): string {
    return shorten(this.nameOfParty(party), LABEL_BYTES_MAX);
  }

  addressOfParty({ owner, departed }: Party): string {
    return departed?.address ?? this.addressOf(owner);
  }

  /** Returns the secret that resumes the session on a new connection. The first call creates it. */
  issueSecret(owner: Owner): string {
    const session = this.#sessions.get(owner);
    if (session === undefined) return "";
    return session.secret ||= crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toHex();
  }

  /** Returns the secret; an empty string if it was never issued. */
  secretOf(owner: Owner): string {
    return this.#sessions.get(owner)?.secret ?? "";
  }

  /** Closes a session if `isSecret` accepts its secret. Returns whether the session was closed. */
  supersede(owner: Owner, isSecret: (secret: string) => boolean): boolean {
    const session = this.#sessions.get(owner);
    if (session === undefined || session.secret === "" || !isSecret(session.secret)) return false;
    session.close("lost");
    return true;
  }

  /**
   * Returns the address and name of each session with a chosen name, in the order in which the
   * names were chosen: if two names are equal, some clients use the last.
   */
  named(): (readonly [address: string, name: string])[] {
    return [...this.#sessions.values()]
      .filter(({ name }) => name !== "")
      .sort((a, b) => a.nameSerial - b.nameSerial)
      .map(({ address, name }) => [address, name]);
  }
}
