/** How long a peer may be silent. Law: its silence counts, not what keeps us from hearing it. */
import type { Alarm, Clock } from "./command.ts";

export class Deadline {
  readonly #clock: Clock;
  readonly #hasUnread: () => boolean;
  readonly #end: () => void;
  readonly #alarm: Alarm;
  #silenceMs = 0;
  #heardMs = 0;
  /** Whether it was silent only for us, who have not read what has come. */
  #isUnread = false;

  /**
   * @param hasUnread whether something has come that was not heard yet
   * @param end what happens to who is silent for too long
   */
  constructor(clock: Clock, hasUnread: () => boolean, end: () => void) {
    this.#clock = clock;
    this.#hasUnread = hasUnread;
    this.#end = end;
    this.#alarm = clock.alarm(() => this.#look());
  }

  /** From now on so long; 0: for ever. */
  set(silenceMs: number): void {
    this.#silenceMs = silenceMs;
    this.#heardMs = this.#clock.nowMs;
    this.#alarm.set(silenceMs === 0 ? Infinity : this.#heardMs + silenceMs);
  }

  /** A sign of life: anything at all. */
  heard(): void {
    if (this.#silenceMs === 0) return;
    this.#heardMs = this.#clock.nowMs;
    this.#isUnread = false;
  }

  /** Nobody looks any more. */
  stop(): void {
    this.#silenceMs = 0;
    this.#alarm.set(Infinity);
  }

  #look(): void {
    if (this.#silenceMs === 0) return;
    const { nowMs } = this.#clock;
    const endMs = this.#heardMs + this.#silenceMs;
    if (nowMs < endMs) return this.#alarm.set(endMs);
    // The program may have stood still, or be busy with a long reply. Once: how old it is, nobody knows.
    if (this.#isUnread || !this.#hasUnread()) return this.#end();
    this.#isUnread = true;
    this.#alarm.set(nowMs + this.#silenceMs);
  }
}
