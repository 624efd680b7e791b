/** Parses replies to glockd commands and extended commands for the checker. Pure. */
import { listOf, readLine, valueOf } from "../../../lib/wire/extended.ts";
import { GLOCKD_VERBS, type Op } from "./types.ts";

/** A parsed reply, in one shape for both protocols. */
export type Reply =
  | { readonly word: "none" }
  | {
    readonly word: "acquired";
    /** Undefined for glockd commands, whose replies do not contain it. */
    readonly token: number | undefined;
    readonly counts: readonly number[];
    readonly waited: number;
    readonly previous: readonly string[];
    readonly previousHolders: readonly string[];
    /** Whether the connection already held it; glockd's `g` says so. */
    readonly again: "yes" | "no" | "unknown";
  }
  | { readonly word: "released"; readonly count: number }
  | { readonly word: "other"; readonly status: "1" | "0"; readonly phrase: string };

const GLOCKD = new Set<string>(GLOCKD_VERBS);
const NONE: Reply = { word: "none" };

/** Parses the reply to a request. Throws `Error` if the protocol does not allow it. */
export function replyOf(op: Op): Reply {
  if (op.received === undefined) return NONE;
  return GLOCKD.has(op.verb)
    ? glockdReply(op, op.received.text)
    : extendedReply(op, op.received.text);
}

function glockdReply(op: Op, text: string): Reply {
  if (op.verb === "iam") return other("1", "ok");
  const match = /^(\d+) (Shared )?Lock ([A-Za-z ]+): ([^\r]*)(\r?)$/.exec(text);
  if (match === null || match[4] !== op.names[0]) throw new Error("is not a reply to that command");
  const [, number = "", , phrase = "", , cr] = match;
  const status = number === "0" ? "0" : "1";
  if (phrase === "Get Success") {
    const again = op.verb === "sg" ? "unknown" : cr === "" ? "yes" : "no";
    const counts = [op.verb === "sg" ? Number(number) : 1];
    return {
      word: "acquired",
      token: undefined,
      counts,
      waited: 0,
      previous: [],
      previousHolders: [],
      again,
    };
  }
  if (phrase === "Release Success") return { word: "released", count: 1 };
  return other(status, phrase);
}

function extendedReply(op: Op, text: string): Reply {
  const line = readLine(text);
  if (line === undefined || line.kind === "*") throw new Error("is not a reply");
  const number = (key: string): number => wholeNumber(valueOf(line, key), key);
  if (line.kind === "1" && line.word === "acquired") {
    const counts = listOf(line, "count").map((value) => wholeNumber(value, "count"));
    const previous = listOf(line, "previous");
    const holders = listOf(line, "previous-holder");
    if (counts.length !== op.names.length || previous.length !== op.names.length) {
      throw new Error("has a different number of names than the request");
    }
    return {
      word: "acquired",
      token: number("token"),
      counts,
      waited: number("waited"),
      previous,
      previousHolders: holders,
      again: "unknown",
    };
  }
  if (line.kind === "1" && line.word === "released") {
    return { word: "released", count: number("count") };
  }
  return other(line.kind, line.word);
}

function other(status: "1" | "0", phrase: string): Reply {
  return { word: "other", status, phrase };
}

function wholeNumber(text: string | undefined, key: string): number {
  if (text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(Number(text))) {
    return Number(text);
  }
  throw new Error(`has ${key}=${text}, which is not an integer`);
}
