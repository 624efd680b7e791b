/**
 * Fairness: no session keeps the others waiting. A write that the system takes at once, as it does
 * while the peer reads, does not end the turn of the event loop; a timer does. So whoever has a lot
 * to do looks here now and then, and ends the turn when it has lasted.
 */

import { Moment } from "./moment.ts";

/** How long a turn may last. Others wait this long at most for each turn before theirs. */
const TURN_MS = 5;

export class Turn {
  readonly #moment: Moment;
  /** When this turn began, as far as anybody has asked; a timer that fires tells that it is over. */
  #beganMs: number | undefined;
  /** Whether we are told when turns begin; else a timer has to do. */
  #isTold = false;
  readonly #waiting: (() => void)[] = [];
  /** While somebody waits. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #timeout = () => {
    this.#timer = undefined;
    this.roundEnds();
  };

  constructor(moment: Moment = new Moment()) {
    this.#moment = moment;
  }

  /** Another turn begins. */
  next(): void {
    this.#isTold = true;
    this.#beganMs = undefined;
  }

  /** Notes when the turn began, if nobody has. */
  begin(): void {
    if (this.#beganMs !== undefined) return;
    this.#beganMs = this.#moment.ms;
    if (!this.#isTold) setTimeout(() => this.#beganMs = undefined, 0);
  }

  /** Whether the turn has lasted long enough; when it began is known only since somebody asked. */
  isLong(): boolean {
    this.begin();
    return this.#moment.ms - this.#beganMs! > TURN_MS;
  }

  /** Resolves in a later turn, when others have had theirs. Those who wait go on one at a time. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#timer ??= setTimeout(this.#timeout, 0); // also if nobody tells us
    });
  }

  /** All others have had their turn: the next of those who wait may go on. */
  roundEnds(): void {
    this.#moment.lapse();
    const goOn = this.#waiting.shift();
    if (goOn === undefined) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    // Each has a turn of its own, and the sockets theirs before the next one.
    this.#timer = this.#waiting.length > 0 ? setTimeout(this.#timeout, 0) : undefined;
    this.#beganMs = undefined;
    goOn();
  }
}
