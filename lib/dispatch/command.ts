/**
 * A command is one row, and the row is the only truth: look-up, the counters of `q`, permission and
 * help derive from it. Handlers may assume that the gate has checked what the row declares.
 */
import type { Engine, Given, Outcome } from "../engine/engine.ts";
import type { Owner } from "../state/locks.ts";
import type { MasterRule } from "../state/pools/master.ts";
import type { Request } from "../wire/dialect.ts";
import type { Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { Table } from "./table.ts";

/**
 * What must hold before a command does anything: a flag of that name, which the gate checks, or a
 * rule about the master, which is judged in the same change as the command's own rule, or a master
 * could appear between the two.
 */
export type Need = Grant | MasterRule;
export type Grant = "dump" | "registry";

/**
 * A reply as it goes on the wire, one character a byte; empty is silence. One that may be long comes
 * in pieces, each a whole line or so, and is worded while it is sent.
 */
export type Reply = string | Iterable<string> | Farewell;

/** The last reply of a session: it is sent, and then the connection or the program ends. */
export class Farewell {
  constructor(readonly text: string, readonly then: "close" | "halt") {}
}

/** All a command gets to know besides its request. One a session, for the session's whole life. */
export interface Context {
  readonly owner: Owner;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  /** The rows of the protocol this session speaks. */
  readonly table: Table;
  readonly program: Program;
  /** Whether the peer is on this machine. */
  readonly isLocal: boolean;
  /** Tells the log of this session, when somebody wants to know. */
  readonly note: ((what: string) => void) | undefined;
}

/** What a command may know of the program around it, and ask of it. */
export interface Program {
  readonly clock: Clock;
  readonly startedMs: number;
  /** Whether `halt` is taken from other machines, too. */
  readonly allowHalt: boolean;
  /** Writes the pools to the file they came from. Never throws. */
  save(): Promise<Saved>;
}

export interface Clock extends Given {
  /** A moment of this clock by the system's, in whole seconds since 1970, rounded down. */
  seconds(ms: number): number;
  /** Something has been done that may have taken long: `nowMs` is to be what it is after that. */
  lapse(): void;
}

/** What came of `save`. Nowhere: no file. Unfit: the file cannot hold it as it is. */
export type Saved =
  | { readonly kind: "saved" | "nowhere" }
  /** Why, one character a byte. */
  | { readonly kind: "unfit" | "failed"; readonly why: string };

export interface Command {
  /** The protocol document's own line; its first word is the command's name. */
  readonly usage: string;
  /** One sentence, for help. */
  readonly summary: string;
  readonly needs?: readonly Need[];
  /** Has a native reply, asked for with "!". */
  readonly native?: true;
  /** Shown among the counters of `q` only once it was used. */
  readonly latent?: true;
  run(request: Request, context: Context): Outcome<Reply>;
}
