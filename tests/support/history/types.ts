/**
 * The parts of a history: the requests of clients with their replies, and the events of a watcher.
 * Plain data. The checker needs nothing else, so tests can write histories by hand.
 *
 * Order: a *tick* counts everything that the recorder sends or receives. If a client sends a
 * request after something was received, the server ran the request after the cause of what was
 * received. `eventsSeen` is the number of events that the watcher had received when something was
 * sent: all of them happened before it.
 */

export type Mode = "exclusive" | "shared" | "read" | "write";
export type Table = "exclusive" | "shared";

/** Returns the table that holds locks of a mode: `read` counts as shared, `write` as exclusive. */
export function tableOf(mode: Mode): Table {
  return mode === "shared" || mode === "read" ? "shared" : "exclusive";
}

export const EXTENDED_VERBS = [
  "acquire",
  "release",
  "renew",
  "describe",
  "list",
  "force",
  "deadline",
  "resume",
  "ping",
  "version",
] as const;
export const GLOCKD_VERBS = ["g", "r", "i", "sg", "sr", "si", "iam"] as const;
export type Verb = typeof EXTENDED_VERBS[number] | typeof GLOCKD_VERBS[number];

/** The options of a request; times in milliseconds. */
export interface Options {
  readonly mode?: Mode | undefined;
  readonly max?: number | undefined;
  readonly wait?: number | "forever" | undefined;
  readonly priority?: number | undefined;
  readonly lease?: number | undefined;
  readonly grace?: number | undefined;
  /** `resume`: the name of the connection whose session is resumed. */
  readonly target?: string | undefined;
  /** `resume`: whether the request contains the right secret. */
  readonly rightSecret?: boolean | undefined;
  readonly seconds?: number | undefined;
}

export interface Sent {
  readonly tick: number;
  readonly ms: number;
  readonly eventsSeen: number;
}

export interface Received {
  readonly tick: number;
  readonly ms: number;
  /** The line without its LF. A CR before it stays, because it distinguishes glockd replies. */
  readonly text: string;
}

/** A request. The server runs the requests of a connection in the order of their ids. */
export interface Op {
  /** Its index in the history. An acquire request contains it in its `why`: "#17". */
  readonly id: number;
  readonly connection: string;
  readonly verb: Verb;
  readonly names: readonly string[];
  readonly options: Options;
  readonly sent: Sent;
  /** Undefined if the connection ended before the reply. */
  received?: Received | undefined;
}

/**
 * How a connection ended. `taken`: another connection resumed its session. `server`: the server
 * ended it for an unknown reason.
 */
export type Ending =
  | "bye"
  | "close"
  | "half-close"
  | "reset"
  | "destroy"
  | "silence"
  | "taken"
  | "server";

/** The causes that the server may report for each ending. */
export const CAUSES: Readonly<Record<Ending, readonly string[]>> = {
  bye: ["closed"],
  close: ["closed"],
  "half-close": ["closed"],
  reset: ["lost"],
  destroy: ["closed", "lost"],
  silence: ["lost"],
  taken: ["lost"],
  server: ["closed", "lost"],
};

/**
 * A connection of a client. It first takes a lock of its own, which no other connection requests
 * and which it never releases. The release event of that lock shows when the server saw the
 * connection end.
 */
export interface Connection {
  readonly name: string;
  /** Set before anything is done to end the connection; `eventsSeen` is of that time. */
  end?: { readonly how: Ending; readonly eventsSeen: number; readonly ms: number } | undefined;
}

/** Returns the name of the lock that only this connection takes. */
export function ownLockOf(connection: string): string {
  return `own/${connection}`;
}

/**
 * Returns the connection that a holder's name belongs to. A connection may change the part of its
 * name after a "~"; the part before it never changes.
 */
export function connectionOf(holder: string): string {
  const at = holder.indexOf("~");
  return at < 0 ? holder : holder.slice(0, at);
}

/** An event that the watcher received. */
export interface WatchEvent {
  readonly event: "acquire" | "release" | "wait" | "timeout" | "leave" | "force";
  readonly name: string;
  /** Unix milliseconds. Server and clients use the same clock. */
  readonly at: number;
  readonly mode?: Mode;
  readonly token?: number;
  readonly holder?: string;
  readonly cause?: "released" | "closed" | "lost" | "expired" | "forced";
  readonly why?: string;
  readonly waited?: number;
  readonly queue?: number;
  readonly by?: string;
  readonly count?: number;
}

export interface History {
  readonly connections: readonly Connection[];
  readonly ops: readonly Op[];
  readonly events: readonly WatchEvent[];
  /** Problems that the recorder found: the server stopped replying, or locks were left over. */
  readonly problems: readonly string[];
}

/** Describes a request in messages: `#17 c3: acquire x y mode=write -> 0 busy ...`. */
export function describeOp({ id, connection, verb, names, options, received }: Op): string {
  const values = Object.entries(options).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`);
  const reply = received === undefined ? "no reply" : JSON.stringify(received.text);
  return `#${id} ${connection}: ${[verb, ...names, ...values].join(" ")} -> ${reply}`;
}

/** Describes an event in messages, with its index in the history. */
export function describeEvent(event: WatchEvent, index: number): string {
  return `event ${index} ${JSON.stringify(event)}`;
}
