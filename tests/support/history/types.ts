/**
 * What a history is made of: what clients asked and were told, and what a watcher was told. Plain
 * data; the checker needs nothing else, so that a history written by hand is as good as one that
 * happened.
 *
 * Order: a *tick* counts what the recorder sees, sends and receives alike. A request that was sent
 * after something had been received was carried out after whatever caused that. *Seen* is how many
 * events the watcher had when something was sent: all of these had happened before it.
 */

export type Mode = "exclusive" | "shared" | "read" | "write";
export type Table = "exclusive" | "shared";

/** Where a mode is held: `read` counts as shared, `write` as exclusive. */
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
export const OLD_VERBS = ["g", "r", "i", "sg", "sr", "si", "iam"] as const;
export type Verb = typeof EXTENDED_VERBS[number] | typeof OLD_VERBS[number];

/** What was asked for beside the names; times in milliseconds. */
export interface Options {
  readonly mode?: Mode | undefined;
  readonly max?: number | undefined;
  readonly wait?: number | "forever" | undefined;
  readonly priority?: number | undefined;
  readonly lease?: number | undefined;
  readonly grace?: number | undefined;
  /** `resume`: whose session, by the name of that life, and whether the secret is the right one. */
  readonly target?: string | undefined;
  readonly rightSecret?: boolean | undefined;
  readonly seconds?: number | undefined;
}

export interface Sent {
  readonly tick: number;
  readonly ms: number;
  readonly seen: number;
}

export interface Got {
  readonly tick: number;
  readonly ms: number;
  /** The line without its LF; a CR before it stays, for it tells things apart. */
  readonly text: string;
}

/** A request. A life's requests are carried out in the order of their ids. */
export interface Op {
  /** Where it stands in its history. An acquire says it in its `why`: "#17". */
  readonly id: number;
  readonly life: string;
  readonly verb: Verb;
  readonly names: readonly string[];
  readonly options: Options;
  readonly sent: Sent;
  /** Undefined: the connection ended first. */
  got?: Got | undefined;
}

/**
 * How a connection ended: `taken`: another one resumed its session; `server`: the server ended it
 * and nobody knows why.
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

/** What the server may call each ending; after the others nobody can tell which. */
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
 * One connection. Each takes a lock of its own first, which nobody else asks for and which it never
 * gives back: the event of that lock's end tells when the server took the connection for ended.
 */
export interface Life {
  readonly name: string;
  /** Set before the first thing is done to end it; `seen`: of that moment. */
  end?: { readonly how: Ending; readonly seen: number; readonly ms: number } | undefined;
}

export function ownLockOf(life: string): string {
  return `own/${life}`;
}

/** A connection may change its name behind a "~": what stands before it never changes. */
export function lifeOf(holder: string): string {
  const at = holder.indexOf("~");
  return at < 0 ? holder : holder.slice(0, at);
}

/** One line of the watcher's. */
export interface WatchEvent {
  readonly event: "acquire" | "release" | "wait" | "timeout" | "leave" | "force";
  readonly name: string;
  /** Unix milliseconds of the server's clock, which is the clients' too. */
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
  readonly lives: readonly Life[];
  readonly ops: readonly Op[];
  readonly events: readonly WatchEvent[];
  /** What the recorder found wrong itself: nothing came any more, locks that were left behind. */
  readonly found: readonly string[];
}

/** A request for people, as in `#17 c3: acquire x y mode=write -> 0 busy ...`. */
export function describeOp({ id, life, verb, names, options, got }: Op): string {
  const values = Object.entries(options).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`);
  const reply = got === undefined ? "no reply" : JSON.stringify(got.text);
  return `#${id} ${life}: ${[verb, ...names, ...values].join(" ")} -> ${reply}`;
}

export function describeEvent(event: WatchEvent, index: number): string {
  return `event ${index} ${JSON.stringify(event)}`;
}
