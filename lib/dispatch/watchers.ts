/**
 * Records which sessions watch which lock names. Events cost nothing while no session watches.
 * Otherwise, an event costs one look-up for each distinct length of the watched prefixes.
 */
import type { Engine } from "../engine/engine.ts";
import type { LockEvent } from "../state/locks/event_log.ts";
import type { Owner } from "../state/locks/party.ts";
import { detached } from "../text.ts";

type SendEvent = (line: string) => void;

export class Watchers {
  readonly #engine: Engine;
  readonly #format: (event: LockEvent) => string;
  readonly #prefixes = new Map<Owner, string>();
  readonly #byPrefix = new Map<string, Map<Owner, SendEvent>>();
  /** The number of watched prefixes of each length. */
  readonly #lengths = new Map<number, number>();

  /** @param format returns the line that reports an event. */
  constructor(engine: Engine, format: (event: LockEvent) => string) {
    this.#engine = engine;
    this.#format = format;
  }

  /** Makes a session watch all names that begin with `prefix`; replaces its earlier prefix. */
  add(owner: Owner, prefix: string, sendEvent: SendEvent): void {
    this.remove(owner);
    const ownPrefix = detached(prefix);
    this.#prefixes.set(owner, ownPrefix);
    let watchers = this.#byPrefix.get(ownPrefix);
    if (watchers === undefined) {
      this.#byPrefix.set(ownPrefix, watchers = new Map());
      this.#lengths.set(ownPrefix.length, (this.#lengths.get(ownPrefix.length) ?? 0) + 1);
    }
    watchers.set(owner, sendEvent);
    if (this.#prefixes.size > 1) return;
    this.#engine.watch({
      isWatched: (name) => this.#isWatched(name),
      onEvent: (event) => this.#send(event),
    });
  }

  /** Stops the watch of a session. Returns false if the session had no watch. */
  remove(owner: Owner): boolean {
    const prefix = this.#prefixes.get(owner);
    if (prefix === undefined) return false;
    this.#prefixes.delete(owner);
    const watchers = this.#byPrefix.get(prefix)!;
    watchers.delete(owner);
    if (watchers.size === 0) {
      this.#byPrefix.delete(prefix);
      const count = this.#lengths.get(prefix.length)! - 1;
      if (count > 0) this.#lengths.set(prefix.length, count);
      else this.#lengths.delete(prefix.length);
    }
    if (this.#prefixes.size === 0) this.#engine.watch(undefined);
    return true;
  }

  #isWatched(name: string): boolean {
    for (const length of this.#lengths.keys()) {
      if (length <= name.length && this.#byPrefix.has(name.slice(0, length))) return true;
    }
    return false;
  }

  #send(event: LockEvent): void {
    const { name } = event;
    let line: string | undefined;
    for (const length of this.#lengths.keys()) {
      if (length > name.length) continue;
      const watchers = this.#byPrefix.get(name.slice(0, length));
      if (watchers === undefined) continue;
      line ??= this.#format(event);
      for (const sendEvent of watchers.values()) sendEvent(line);
    }
  }
}
