/**
 * What a command knows besides its request: its session, the program, and the other commands.
 * Types only.
 */
import type { Clock } from "../clock.ts";
import type { Engine } from "../engine/engine.ts";
import type { Owner } from "../state/locks/party.ts";
import type { CloseReason } from "../transport/connection.ts";
import type { Dialect } from "../wire/dialect.ts";
import type { Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { Watchers } from "./watchers.ts";

/** Everything a command knows besides its request. A session keeps its context until it ends. */
export interface Context {
  readonly owner: Owner;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  /** The commands of the protocol that this session speaks. */
  readonly commands: CommandCatalog;
  readonly program: Program;
  readonly watchers: Watchers;
  /** What a command may do to its own connection besides replying. */
  readonly control: SessionControl;
  /** Whether the peer is on this machine. */
  readonly isLocal: boolean;
  /** Logs an event of this session; undefined when sessions are not logged. */
  readonly trace: ((event: string) => void) | undefined;
}

/** The commands of one protocol, in the order of its document. */
export interface CommandCatalog extends Iterable<CommandInfo> {
  find(name: string): CommandInfo | undefined;
}

/** A command as `help` and the counters of `q` see it. */
export interface CommandInfo {
  readonly name: string;
  readonly command: {
    readonly usage: string;
    readonly summary: string;
    readonly needs?: readonly string[];
    readonly native?: true;
    readonly latent?: true;
  };
  /** Whether the configuration grants every feature that the command needs. */
  readonly isEnabled: boolean;
  /** Whether the command exists only after `hello`. */
  readonly isExtended: boolean;
  /** The number of calls since the server started, including refused calls. */
  readonly calls: number;
}

/** What a command may do to its own connection. */
export interface SessionControl {
  /** The dialect of the connection; a change takes effect at the next line. */
  dialect: Dialect;
  /** Whether the peer has sent `bye`; if so, no lock is kept for it when it disconnects. */
  saidBye: boolean;
  /** Whether the peer has sent a line of HTTP; if so, its requests may come from a web page. */
  isWebPage: boolean;
  /** Returns whether the connection is open, as far as the operating system knows. */
  isConnected(): boolean;
  /** Sends an event between replies. Drops and counts events that do not fit into the buffer. */
  sendEvent(line: string): void;
  /** Closes the connection at once; unsent replies are lost. */
  close(reason: CloseReason): void;
  /** Closes the connection when no bytes arrive for `timeoutMs`; 0 switches the timeout off. */
  setIdleTimeout(timeoutMs: number): void;
}

/** The program as commands see it: its settings, its state, and `save`. */
export interface Program {
  readonly clock: Clock;
  readonly startedMs: number;
  /** Whether `halt` is also accepted from other machines. */
  readonly allowHalt: boolean;
  /** Whether peers on other machines may run the commands of administrators. */
  readonly allowForce: boolean;
  /** The largest number of requests that may wait for locks at a time. */
  readonly waitersMax: number;
  /** Whether the program is stopping; `acquire` then grants no locks. */
  readonly isDraining: boolean;
  /** Writes the pools to the file that they were loaded from. Never rejects. */
  save(): Promise<SaveOutcome>;
}

/** The outcome of `save`. "nowhere": no file was loaded. "unfit": a file cannot store the pools. */
export type SaveOutcome =
  | { readonly kind: "saved" | "nowhere" }
  /** `why` is text with one character per byte. */
  | { readonly kind: "unfit" | "failed"; readonly why: string };
