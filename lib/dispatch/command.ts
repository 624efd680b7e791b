/**
 * A command is one row, and the row is the only truth: look-up, the counters of `q`, permission and
 * help derive from it. Handlers may assume that the gate has checked what the row declares.
 */
import type { Clock } from "../clock.ts";
import type { Engine, Outcome } from "../engine/engine.ts";
import type { Owner } from "../state/locks/rules.ts";
import type { MasterRule } from "../state/pools/master.ts";
import type { CloseReason } from "../transport/connection.ts";
import type { CommandRequest, Dialect } from "../wire/dialect.ts";
import type { Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { CommandTable } from "./command_table.ts";
import type { Watchers } from "./watchers.ts";

/**
 * What must hold before a command does anything: a flag of that name, which the gate checks, or a
 * rule about the master, which is judged in the same change as the command's own rule, or a master
 * could appear between the two. "hello": the connection has said it, else there is no such command.
 * "admin": the peer may do what ends things for others.
 */
export type Need = Feature | MasterRule | "hello" | "admin";
export type Feature = "dump" | "registry";

/**
 * A reply as it goes on the wire, one character a byte; empty is silence. One that may be long comes
 * in pieces, each a whole line or so, and is worded while it is sent.
 */
export type Reply = string | Iterable<string> | FinalReply | DeferredReply;

/** A reply that comes when others let it; until then the session listens, and runs nothing. */
export class DeferredReply {
  #reply: string | undefined;
  #onResolve: ((reply: string) => void) | undefined;

  /** Called once. */
  resolve(reply: string): void {
    if (this.#onResolve !== undefined) this.#onResolve(reply);
    else this.#reply = reply;
  }

  /** Called once. */
  onResolve(hear: (reply: string) => void): void {
    if (this.#reply !== undefined) hear(this.#reply);
    else this.#onResolve = hear;
  }
}

/** The last reply of a session: it is sent, and then the connection or the program ends. */
export class FinalReply {
  constructor(readonly text: string, readonly action: "close" | "halt") {}
}

/** All a command gets to know besides its request. One a session, for the session's whole life. */
export interface Context {
  readonly owner: Owner;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  /** The rows of the protocol this session speaks. */
  readonly commands: CommandTable;
  readonly program: Program;
  readonly watchers: Watchers;
  /** What a command may do to its own connection besides answering. */
  readonly control: SessionControl;
  /** Whether the peer is on this machine. */
  readonly isLocal: boolean;
  /** Tells the log of this session, when somebody wants to know. */
  readonly trace: ((what: string) => void) | undefined;
}

export interface SessionControl {
  /** What the connection speaks; another from the next line on. */
  dialect: Dialect;
  /** Whether the peer has said goodbye: nothing is kept for it. */
  saidBye: boolean;
  /** Whether a line of it was one of HTTP: what comes may be a web page's, and no person's. */
  isWebPage: boolean;
  /** Whether the connection still stands, as far as the system knows. */
  isConnected(): boolean;
  /** Says a line unasked, between replies; one that is not read in time is lost and counted. */
  sendEvent(line: string): void;
  /** Ends the connection, at once and without a word. */
  close(how: CloseReason): void;
  /** Ends the connection when nothing has come for so long; 0: never. */
  setIdleTimeout(silenceMs: number): void;
}

/** What a command may know of the program around it, and ask of it. */
export interface Program {
  readonly clock: Clock;
  readonly startedMs: number;
  /** Whether `halt` is taken from other machines, too. */
  readonly allowHalt: boolean;
  /** Whether others than those on this machine may do what administrators may. */
  readonly allowForce: boolean;
  /** How many may wait for locks at a time. */
  readonly waitingMax: number;
  /** Whether the program is about to end, and grants nothing any more to those who can wait. */
  isDraining: boolean;
  /** Writes the pools to the file they came from. Never throws. */
  save(): Promise<SaveOutcome>;
}

/** What came of `save`. Nowhere: no file. Unfit: the file cannot hold it as it is. */
export type SaveOutcome =
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
  run(request: CommandRequest, context: Context): Outcome<Reply>;
}
