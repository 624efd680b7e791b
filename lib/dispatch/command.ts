/**
 * A command is one row, and the row is the only truth: look-up, the counters of `q`, permission and
 * help derive from it. Handlers may assume that the gate has checked what the row declares.
 */
import type { Engine, Outcome } from "../engine/engine.ts";
import type { Owner } from "../state/locks.ts";
import type { Request } from "../wire/dialect.ts";
import type { Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { Table } from "./table.ts";

/** What the configuration must grant: the flags of the same name. */
export type Need = "dump" | "registry";

/**
 * A reply as it goes on the wire, one character a byte; empty is silence. One that may be long comes
 * in pieces, each a whole line or so, and is worded while it is sent.
 */
export type Reply = string | Iterable<string>;

/** All a command gets to know besides its request. One a session, for the session's whole life. */
export interface Context {
  readonly owner: Owner;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  /** The rows of the protocol this session speaks. */
  readonly table: Table;
  /** Tells the log of this session, when somebody wants to know. */
  readonly note: ((what: string) => void) | undefined;
}

export interface Command {
  /** The protocol document's own line; its first word is the command's name. */
  readonly usage: string;
  /** One sentence, for help. */
  readonly summary: string;
  readonly needs?: readonly Need[];
  /** Shown among the counters of `q` only once it was used. */
  readonly latent?: true;
  run(request: Request, context: Context): Outcome<Reply>;
}
