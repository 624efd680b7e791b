/**
 * The gate's interface to a protocol: parsing a line, and wording a refusal. A dialect is pure: it
 * converts text to values and back, and does not know the transport.
 */

/** One request: a verb and the rest of its line, in the forms that the dialects need. */
export interface CommandRequest {
  readonly verb: string;
  /** The rest of the line with white space collapsed; empty in a dialect that uses `words`. */
  readonly rest: string;
  /** The rest of the line as it was sent, in a dialect with its own word separators. */
  readonly raw?: string;
  /** The words of the rest, in a dialect that counts them. */
  readonly words: readonly string[];
  /** Whether the client requested a reply in JSON. */
  readonly native: boolean;
}

/** Why the gate answers a line itself, without running a command. */
export type RefusalReason =
  /** No command has this verb. */
  | "unknown"
  /** The configuration does not grant what the command needs. */
  | "disabled"
  /** The command is for administrators. */
  | "denied"
  /** The command does not take this number of words. */
  | "arguments"
  /** The command has no reply in JSON. */
  | "native"
  /** The line exceeded the limit and was dropped. */
  | "overlong"
  /** The line is part of an HTTP request, perhaps of a web page; the connection is closed. */
  | "web";

export interface Dialect {
  /** Whether the extended commands exist. */
  readonly isExtended: boolean;
  /** Whether the gate checks the number of words against the usage line. */
  readonly countsWords: boolean;
  /** Whether a line of HTTP is refused; otherwise the session only remembers it. */
  readonly refusesWeb: boolean;
  /** Parses a line; returns undefined when it is blank and gets no reply. */
  parse(line: string): CommandRequest | undefined;
  /** Returns the reply to a refused line; empty where the protocol does not reply. */
  refuse(reason: RefusalReason, usage: string): string;
}
