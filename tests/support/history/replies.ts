/** The replies of both kinds of words, read for the checker; pure. */
import { listOf, readLine, valueOf } from "../../../lib/wire/extended.ts";
import { OLD_VERBS, type Op } from "./types.ts";

/** What a reply says, in one shape for both kinds of words. */
export type Reply =
  | { readonly word: "none" }
  | {
    readonly word: "acquired";
    /** Undefined for the old words, which do not say it. */
    readonly token: number | undefined;
    readonly counts: readonly number[];
    readonly waited: number;
    readonly previous: readonly string[];
    readonly previousHolders: readonly string[];
    /** `g` and `sg` may say that nothing changed. */
    readonly again: "yes" | "no" | "unknown";
  }
  | { readonly word: "released"; readonly count: number }
  | { readonly word: "other"; readonly status: "1" | "0"; readonly phrase: string };

const OLD = new Set<string>(OLD_VERBS);
const NONE: Reply = { word: "none" };

/** Throws when the line is none that the contract knows; the message says so. */
export function replyOf(op: Op): Reply {
  if (op.got === undefined) return NONE;
  return OLD.has(op.verb) ? oldReply(op, op.got.text) : newReply(op, op.got.text);
}

function oldReply(op: Op, text: string): Reply {
  if (op.verb === "iam") return other("1", "ok");
  const match = /^(\d+) (Shared )?Lock ([A-Za-z ]+): ([^\r]*)(\r?)$/.exec(text);
  if (match === null || match[4] !== op.names[0]) throw new Error("is no reply to that");
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

function newReply(op: Op, text: string): Reply {
  const line = readLine(text);
  if (line === undefined || line.kind === "*") throw new Error("is no reply");
  const number = (key: string): number => whole(valueOf(line, key), key);
  if (line.kind === "1" && line.word === "acquired") {
    const counts = listOf(line, "count").map((value) => whole(value, "count"));
    const previous = listOf(line, "previous");
    const holders = listOf(line, "previous-holder");
    if (counts.length !== op.names.length || previous.length !== op.names.length) {
      throw new Error("does not speak of as many names as were asked for");
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

function whole(text: string | undefined, key: string): number {
  if (text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(Number(text))) {
    return Number(text);
  }
  throw new Error(`has ${key}=${text}, which is no whole number`);
}
