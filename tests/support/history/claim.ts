/** A claim: what a reply says about the state of locks. */
import type { Op } from "./types.ts";
import type { HistoryModel } from "./history_model.ts";

export interface Claim {
  readonly op: Op;
  /** The names of its locks; the claim is checked again when one of them changes. */
  readonly names: readonly string[] | "all";
  /** Returns undefined if the model agrees with the claim, else a description of the difference. */
  mismatch(model: HistoryModel): string | undefined;
  /** Changes the model as a claim that holds requires. */
  apply?(model: HistoryModel): void;
}

/** Returns a claim about the names in the request. */
export function claimOnNames(op: Op, mismatch: Claim["mismatch"], apply?: Claim["apply"]): Claim {
  return { op, names: op.names, mismatch, ...(apply === undefined ? {} : { apply }) };
}

/** Throws `Error` when the reply is not one that the request can get. */
export function expectPhrase(phrase: string, allowed: readonly string[]): void {
  if (!allowed.includes(phrase)) throw new Error("is not a reply to such a request");
}
