/**
 * Who watches which names. Law: who does not watch pays nothing, and a name that nobody watches costs
 * a look-up for each length of a prefix there is, however many others are watched.
 */
import { detached } from "../text.ts";
import type { Engine } from "../engine/engine.ts";
import type { LockEvent } from "../state/locks/event_log.ts";
import type { Owner } from "../state/locks/rules.ts";

type Tell = (line: string) => void;

export class Watchers {
  readonly #engine: Engine;
  readonly #word: (event: LockEvent) => string;
  readonly #prefixes = new Map<Owner, string>();
  readonly #byPrefix = new Map<string, Map<Owner, Tell>>();
  /** How many prefixes there are of each length. */
  readonly #lengths = new Map<number, number>();

  /** @param word an event as the line that tells of it. */
  constructor(engine: Engine, word: (event: LockEvent) => string) {
    this.#engine = engine;
    this.#word = word;
  }

  /** One who watches all names that begin so, and no longer others. */
  add(owner: Owner, prefix: string, tell: Tell): void {
    this.remove(owner);
    const own = detached(prefix);
    this.#prefixes.set(owner, own);
    let those = this.#byPrefix.get(own);
    if (those === undefined) {
      this.#byPrefix.set(own, those = new Map());
      this.#lengths.set(own.length, (this.#lengths.get(own.length) ?? 0) + 1);
    }
    those.set(owner, tell);
    if (this.#prefixes.size > 1) return;
    this.#engine.watch({
      isWatched: (name) => this.#wants(name),
      onEvent: (event) => this.#tell(event),
    });
  }

  /** False when it did not watch. */
  remove(owner: Owner): boolean {
    const prefix = this.#prefixes.get(owner);
    if (prefix === undefined) return false;
    this.#prefixes.delete(owner);
    const those = this.#byPrefix.get(prefix)!;
    those.delete(owner);
    if (those.size === 0) {
      this.#byPrefix.delete(prefix);
      const left = this.#lengths.get(prefix.length)! - 1;
      if (left > 0) this.#lengths.set(prefix.length, left);
      else this.#lengths.delete(prefix.length);
    }
    if (this.#prefixes.size === 0) this.#engine.watch(undefined);
    return true;
  }

  #wants(name: string): boolean {
    for (const length of this.#lengths.keys()) {
      if (length <= name.length && this.#byPrefix.has(name.slice(0, length))) return true;
    }
    return false;
  }

  #tell(event: LockEvent): void {
    const { name } = event;
    let line: string | undefined;
    for (const length of this.#lengths.keys()) {
      if (length > name.length) continue;
      const those = this.#byPrefix.get(name.slice(0, length));
      if (those === undefined) continue;
      line ??= this.#word(event);
      for (const tell of those.values()) tell(line);
    }
  }
}
