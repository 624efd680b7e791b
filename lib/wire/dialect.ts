/**
 * What the gate knows of a protocol: how a line reads, and how the gate's own answers are worded.
 * A dialect is text to values and back, pure; it does not know over which transport it is spoken.
 */

/** One request: a verb, and the rest of its line, blanks folded, as the dialect takes it. */
export interface CommandRequest {
  readonly verb: string;
  /** In one piece, in a dialect that takes it so. */
  readonly rest: string;
  /** The same as it was written, where the dialect cuts it in another way. */
  readonly raw?: string;
  /** Its words, in a dialect that goes by their number. */
  readonly words: readonly string[];
  /** Whether the reply is to be for programs only. */
  readonly native: boolean;
}

/** Why the gate answers a line itself, without running a command. */
export type RefusalReason =
  /** No row has this verb. */
  | "unknown"
  /** The row needs what the configuration does not grant. */
  | "disabled"
  /** The row is for administrators. */
  | "denied"
  /** The row has no form with this number of words. */
  | "arguments"
  /** The row has no native reply. */
  | "native"
  /** The line was over the limit and is lost. */
  | "overlong"
  /** The line is a browser's: a web page tries to have its say here. The connection is ended. */
  | "web";

export interface Dialect {
  /** Whether the words are understood that came later. */
  readonly isExtended: boolean;
  /** Whether the number of words must be one that the row's usage shows. */
  readonly countsWords: boolean;
  /** Whether web pages are turned away, as far as a line betrays them; else they are only known. */
  readonly refusesWeb: boolean;
  /** A line as a request; undefined when it asks for nothing. */
  parse(line: string): CommandRequest | undefined;
  /** The reply to a refused line; empty where the protocol is silent. */
  refuse(refusal: RefusalReason, usage: string): string;
}
