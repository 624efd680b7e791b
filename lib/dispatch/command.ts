/**
 * A command is one row of a table. Look-up, the counters of `q`, permissions and help all use that
 * row. The gate checks the row's `needs` before it calls the handler, except rules about the
 * master.
 */
import type { Outcome } from "../engine/engine.ts";
import type { MasterRule } from "../state/pools/master.ts";
import type { CommandRequest } from "../wire/dialect.ts";
import type { Context } from "./context.ts";
import type { Reply } from "./reply.ts";

/** A row of the command table. */
export interface Command {
  /** The usage line of the protocol document; its first word is the name of the command. */
  readonly usage: string;
  /** One sentence, for help. */
  readonly summary: string;
  readonly needs?: readonly Need[];
  /** Whether the command has a reply in JSON, which clients request with "!". */
  readonly native?: true;
  /** Whether `q` lists the command's counter only after its first use. */
  readonly latent?: true;
  run(request: CommandRequest, context: Context): Outcome<Reply>;
}

/**
 * A condition for a command to run.
 * - A feature: the configuration must grant it. The gate checks this.
 * - A rule about the master. The command's own change checks it, so that no master can appear
 *   between the check and the change.
 * - "hello": the connection has sent `hello`; otherwise the command does not exist.
 * - "admin": the peer may release the locks of other clients.
 */
export type Need = Feature | MasterRule | "hello" | "admin";

/** A part of the protocol that the configuration can switch off. */
export type Feature = "dump" | "registry";
