/** Histories written by hand, for tests of the checker: everything happens in the order it is told. */
import { writeLine } from "../../../lib/wire/extended.ts";
import {
  type Ending,
  type History,
  type Life,
  type Mode,
  type Op,
  type Options,
  ownLockOf,
  type Verb,
  type WatchEvent,
} from "./types.ts";

/** What a grant says beside its token. */
export interface Told {
  readonly waited?: number;
  readonly count?: string;
  readonly previous?: string;
  readonly holder?: string;
  /** What the events say when it is not what the request says. */
  readonly names?: readonly string[];
}

export class Story {
  /** Turned by hand. */
  nowMs = 1_000_000;
  readonly #lives: Life[] = [];
  readonly #ops: Op[] = [];
  readonly #events: WatchEvent[] = [];
  readonly #tokens = new Map<string, number>();
  #tick = 0;
  #token = 100;

  get history(): History {
    return { lives: this.#lives, ops: this.#ops, events: this.#events, found: [] };
  }

  /** Connections come and take the locks of their own. */
  come(...names: string[]): void {
    for (const name of names) {
      this.#lives.push({ name });
      this.acquired(this.ask(name, "acquire", ownLockOf(name)));
    }
  }

  /** A connection ends, and the server notices; what else it held must be told before or after. */
  go(life: string, how: Ending = "bye", cause: "closed" | "lost" = "closed"): void {
    this.ends(life, how);
    this.releases(life, ownLockOf(life), cause);
  }

  /** A connection ends, and the server has not noticed yet. */
  ends(name: string, how: Ending = "bye"): void {
    const life = this.#lives.find((life) => life.name === name)!;
    life.end = { how, seen: this.#events.length, ms: this.nowMs };
  }

  /** @param names parted by blanks. */
  ask(life: string, verb: Verb, names: string, options: Options = {}): Op {
    const sent = { tick: ++this.#tick, ms: this.nowMs, seen: this.#events.length };
    const op: Op = {
      id: this.#ops.length,
      life,
      verb,
      names: names.split(" ").filter((name) => name !== ""),
      options,
      sent,
    };
    this.#ops.push(op);
    return op;
  }

  reply(op: Op, text: string): void {
    op.got = { tick: ++this.#tick, ms: this.nowMs, text };
  }

  event(event: Omit<WatchEvent, "at">): void {
    this.#tick++;
    this.#events.push({ ...event, at: this.nowMs });
  }

  waits(op: Op, queue: number): void {
    const mode = modeOf(op);
    const why = `#${op.id}`;
    for (const name of op.names) {
      this.event({ event: "wait", name, mode, holder: op.life, why, queue });
    }
  }

  /** The grant is told to the watcher and to who asked; the token is the next one. */
  acquired(op: Op, told: Told = {}): void {
    this.grants(op, told);
    const { waited = 0, count = op.names.map(() => "1").join(), holder } = told;
    const { previous = op.names.map(() => "none").join() } = told;
    const raw = `token=${this.#token} count=${count} waited=${waited} previous=${previous}`;
    this.reply(op, `1 acquired ${raw}${holder === undefined ? "" : ` previous-holder=${holder}`}`);
  }

  /** The grant is told to the watcher only. */
  grants(op: Op, { waited = 0, names = op.names }: Told = {}): void {
    this.#token++;
    for (const name of names) {
      this.#tokens.set(`${op.life} ${name}`, this.#token);
      const [token, holder, mode, why] = [this.#token, op.life, modeOf(op), `#${op.id}`];
      this.event({ event: "acquire", name, mode, token, holder, why, waited });
    }
  }

  /** The next token is this one. */
  nextToken(token: number): void {
    this.#token = token - 1;
  }

  releases(life: string, name: string, cause: WatchEvent["cause"] & string, mode?: Mode): void {
    const token = this.#tokens.get(`${life} ${name}`)!;
    this.event({ event: "release", name, mode: mode ?? "exclusive", token, holder: life, cause });
  }

  /** Asked for, done, told. */
  release(life: string, name: string, mode: Mode = "exclusive"): void {
    const op = this.ask(life, "release", name);
    this.releases(life, name, "released", mode);
    this.reply(op, "1 released count=1");
  }

  leaves(op: Op): void {
    for (const name of op.names) {
      this.event({ event: "leave", name, holder: op.life, mode: modeOf(op), waited: 0 });
    }
  }

  timesOut(op: Op, waited: number, name = op.names[0]!): void {
    this.event({ event: "timeout", name, holder: op.life, waited });
  }

  refuse(op: Op, word: string, values: Record<string, string | number>): void {
    this.reply(op, writeLine("0", word, values).trimEnd());
  }
}

function modeOf({ options }: Op): Mode {
  return options.mode ?? "exclusive";
}
