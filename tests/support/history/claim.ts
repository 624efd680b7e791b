/** What one reply claims, for as long as it may become true. */
import type { Op } from "./types.ts";
import type { World } from "./world.ts";

export interface Claim {
  readonly op: Op;
  /** The locks that it is about; looked at again when one of them has changed. */
  readonly names: readonly string[] | "all";
  /** Undefined when the world is as claimed, else what is otherwise, for people. */
  denial(world: World): string | undefined;
  /** What follows for the world from a claim that holds. */
  follow?(world: World): void;
}

/** A claim about the names that were asked for. */
export function about(op: Op, denial: Claim["denial"], follow?: Claim["follow"]): Claim {
  return { op, names: op.names, denial, ...(follow === undefined ? {} : { follow }) };
}

/** Throws when the reply is none of those to its request. */
export function expect(phrase: string, allowed: readonly string[]): void {
  if (!allowed.includes(phrase)) throw new Error("is not among the replies to that");
}
