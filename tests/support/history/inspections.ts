/** The claims of inspections: `i`, `si`, `describe`, `list`. */
import { readLine, valueOf } from "../../../lib/wire/extended.ts";
import { type Claim, claimOnNames, expectPhrase } from "./claim.ts";
import { connectionOf, type Op } from "./types.ts";
import type { HistoryModel, Hold } from "./history_model.ts";

/**
 * Returns the claim of a reply to `i` or `si`.
 * @param phrase the text after the number.
 */
export function inspected(op: Op, phrase: string): Claim {
  expectPhrase(phrase, ["Is Locked", "Not Locked"]);
  const text = op.received!.text;
  if (op.verb === "si") {
    return claimOnNames(op, (model) => {
      const { length } = model.lock(op.names[0]!).shared;
      return Number(text.split(" ")[0]) === length ? undefined : `${length} held it`;
    });
  }
  return claimOnNames(op, (model) => {
    const { exclusive } = model.lock(op.names[0]!);
    if (phrase === "Not Locked") return exclusive === undefined ? undefined : "it was locked";
    if (exclusive === undefined) return "it was free";
    const isOwn = exclusive.connection === op.connection;
    return text.endsWith("\r") === !isOwn ? undefined : `it was ${exclusive.connection}'s`;
  });
}

/** The part of a described lock that the checker compares. */
interface Described {
  readonly name: string;
  readonly holders: readonly { readonly token: number; readonly mode: string }[];
  readonly queue: readonly { readonly name: string }[];
}

function descriptionMismatch(model: HistoryModel, reported: Described): string | undefined {
  const { holds, queue } = model.lock(reported.name);
  const tokens = (list: readonly { token: number; mode: string }[]): string =>
    list.map(({ token, mode }) => `${mode} ${token}`).sort().join();
  if (tokens(holds) !== tokens(reported.holders)) return `it was held by ${tokens(holds)}`;
  const waiting = queue.map(({ op: { connection } }) => connection).join();
  const isSame = reported.queue.map(({ name }) => connectionOf(name)).join() === waiting;
  return isSame ? undefined : `the waiters were ${waiting || "none"}`;
}

export function described(op: Op): Claim {
  const json = valueOf(readLine(op.received!.text)!, "json");
  const unlocked: Described = { name: op.names[0]!, holders: [], queue: [] };
  const reported: Described = json === undefined ? unlocked : JSON.parse(json);
  return claimOnNames(op, (model) => descriptionMismatch(model, reported));
}

/**
 * Returns the claims of a listing. The server writes it step by step, so each entry was true at
 * some time; and no lock is missing.
 */
export function listed(op: Op): Claim[] {
  const reported: Described[] = JSON.parse(valueOf(readLine(op.received!.text)!, "json") ?? "[]");
  const claims = reported.map((one): Claim => ({
    op,
    names: [one.name],
    mismatch: (model) => {
      const mismatch = descriptionMismatch(model, one);
      return mismatch && `${one.name}: ${mismatch}`;
    },
  }));
  return [...claims, { op, names: "all", mismatch: omissionMismatch(op, reported) }];
}

/** A lock that was held from request to reply must be in the listing. */
function omissionMismatch(op: Op, reported: readonly Described[]): Claim["mismatch"] {
  const names = new Set(reported.map(({ name }) => name));
  const prefix = op.names[0] ?? "";
  let missing: Hold[] | undefined;
  return ({ locks }) => {
    missing ??= [...locks.values()]
      .filter(({ name }) => name.startsWith(prefix) && !names.has(name))
      .flatMap(({ holds }) => holds);
    missing = missing.filter((hold) => locks.get(hold.name)?.holds.includes(hold));
    const [first] = missing;
    return first && `${first.name} was held by ${first.connection} all the time`;
  };
}
