/**
 * Builds histories by hand, for tests of the checker. Everything happens in the order of the calls.
 */
import { writeLine } from "../../../lib/wire/extended.ts";
import {
  type Connection,
  type Ending,
  type History,
  type Mode,
  type Op,
  type Options,
  ownLockOf,
  type Verb,
  type WatchEvent,
} from "./types.ts";

/** The fields of a grant besides its token. */
export interface GrantFields {
  readonly waited?: number;
  readonly count?: string;
  readonly previous?: string;
  readonly holder?: string;
  /** The names in the events, if they differ from those in the request. */
  readonly names?: readonly string[];
}

export class Scenario {
  /** The time, which the test advances. */
  nowMs = 1_000_000;
  readonly #connections: Connection[] = [];
  readonly #ops: Op[] = [];
  readonly #events: WatchEvent[] = [];
  readonly #tokens = new Map<string, number>();
  #tick = 0;
  #token = 100;

  get history(): History {
    return { connections: this.#connections, ops: this.#ops, events: this.#events, problems: [] };
  }

  /** Adds connections, which take their own locks. */
  connect(...names: string[]): void {
    for (const name of names) {
      this.#connections.push({ name });
      this.grant(this.request(name, "acquire", ownLockOf(name)));
    }
  }

  /** Ends a connection; the server notices. The test adds the releases of its other locks. */
  disconnect(connection: string, how: Ending = "bye", cause: "closed" | "lost" = "closed"): void {
    this.startDisconnect(connection, how);
    this.releaseEvent(connection, ownLockOf(connection), cause);
  }

  /** Ends a connection; the server has not noticed yet. */
  startDisconnect(name: string, how: Ending = "bye"): void {
    const connection = this.#connections.find((connection) => connection.name === name)!;
    connection.end = { how, eventsSeen: this.#events.length, ms: this.nowMs };
  }

  /**
   * Adds a request.
   * @param names separated by spaces.
   */
  request(connection: string, verb: Verb, names: string, options: Options = {}): Op {
    const sent = { tick: ++this.#tick, ms: this.nowMs, eventsSeen: this.#events.length };
    const op: Op = {
      id: this.#ops.length,
      connection,
      verb,
      names: names.split(" ").filter((name) => name !== ""),
      options,
      sent,
    };
    this.#ops.push(op);
    return op;
  }

  reply(op: Op, text: string): void {
    op.received = { tick: ++this.#tick, ms: this.nowMs, text };
  }

  event(event: Omit<WatchEvent, "at">): void {
    this.#tick++;
    this.#events.push({ ...event, at: this.nowMs });
  }

  waitEvent(op: Op, queue: number): void {
    const mode = modeOf(op);
    const why = `#${op.id}`;
    for (const name of op.names) {
      this.event({ event: "wait", name, mode, holder: op.connection, why, queue });
    }
  }

  /** Adds a grant with the next token: the events and the reply. */
  grant(op: Op, fields: GrantFields = {}): void {
    this.grantEvent(op, fields);
    const { waited = 0, count = op.names.map(() => "1").join(), holder } = fields;
    const { previous = op.names.map(() => "none").join() } = fields;
    const raw = `token=${this.#token} count=${count} waited=${waited} previous=${previous}`;
    this.reply(op, `1 acquired ${raw}${holder === undefined ? "" : ` previous-holder=${holder}`}`);
  }

  /** Adds the events of a grant, without a reply. */
  grantEvent(op: Op, { waited = 0, names = op.names }: GrantFields = {}): void {
    this.#token++;
    for (const name of names) {
      this.#tokens.set(`${op.connection} ${name}`, this.#token);
      const [token, holder, mode, why] = [this.#token, op.connection, modeOf(op), `#${op.id}`];
      this.event({ event: "acquire", name, mode, token, holder, why, waited });
    }
  }

  /** Sets the token of the next grant. */
  setNextToken(token: number): void {
    this.#token = token - 1;
  }

  releaseEvent(
    connection: string,
    name: string,
    cause: WatchEvent["cause"] & string,
    mode?: Mode,
  ): void {
    const token = this.#tokens.get(`${connection} ${name}`)!;
    this.event({
      event: "release",
      name,
      mode: mode ?? "exclusive",
      token,
      holder: connection,
      cause,
    });
  }

  /** Adds a release: the request, the event and the reply. */
  release(connection: string, name: string, mode: Mode = "exclusive"): void {
    const op = this.request(connection, "release", name);
    this.releaseEvent(connection, name, "released", mode);
    this.reply(op, "1 released count=1");
  }

  leaveEvent(op: Op): void {
    for (const name of op.names) {
      this.event({ event: "leave", name, holder: op.connection, mode: modeOf(op), waited: 0 });
    }
  }

  timeoutEvent(op: Op, waited: number, name = op.names[0]!): void {
    this.event({ event: "timeout", name, holder: op.connection, waited });
  }

  refuse(op: Op, word: string, values: Record<string, string | number>): void {
    this.reply(op, writeLine("0", word, values).trimEnd());
  }
}

function modeOf({ options }: Op): Mode {
  return options.mode ?? "exclusive";
}
