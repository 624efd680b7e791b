/**
 * Rows whose command is one rule of the pool table: the rule runs behind what the row needs of the
 * master, in one change, and its outcome is worded here.
 */
import type { TimeSource } from "../../clock.ts";
import type { Command, Context, Reply } from "../../dispatch/command.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { judge, type MasterRule } from "../../state/pools/master.ts";
import { isRefused, type PoolRefusal, type Pools, type Refused } from "../../state/pools/model.ts";
import { shorten } from "../../wire/bytes.ts";
import { Code, type ErrorCode, writeError, writeOk } from "../../wire/looky.ts";
import { readWhole, WHOLE_TEXT } from "../../wire/looky_values.ts";

/** An argument that is not of its form. */
export class Malformed {
  /** @param what the argument's name in the usage line. @param allowed what it may be. */
  constructor(readonly what: string, readonly text: string, readonly allowed: string) {}
}

/** What kept a command from being done. */
export type CommandFailure = Refused | Malformed;

/** Looks at the words, then changes the pools; whoever finds a word malformed changes nothing. */
export type Rule<R> = (
  pools: Pools,
  words: readonly string[],
  context: Context,
  given: TimeSource,
) => R | CommandFailure;

type Row = Pick<Command, "usage" | "summary"> & {
  readonly needs?: readonly [MasterRule];
  /** What the rule is about, when that is less than all pools. */
  readonly slice?: "session";
};

/** A row whose reply is OK when the rule has been followed. */
export function ruleRow(row: Row, rule: Rule<void>): Command {
  return rowOf(row, rule, () => writeOk());
}

/** The same with a reply of its own. */
export function rowOf<R>(
  row: Row,
  rule: Rule<R>,
  word: (value: R, context: Context) => Reply,
): Command {
  const { slice = "pools", ...command } = row;
  const need = row.needs?.[0];
  return {
    ...command,
    run({ verb, words }, context): Outcome<Reply> {
      const outcome = context.engine.change(slice, ({ pools }, given): R | CommandFailure => {
        const refused = need && judge(pools, context.owner, need);
        return refused ?? rule(pools, words, context, given);
      });
      return after(outcome, (value) => {
        if (isFailure(value)) return writeFailure(value);
        context.trace?.(`${verb} ${words.join(" ")}`);
        return word(value, context);
      });
    },
  };
}

export function isFailure(outcome: unknown): outcome is CommandFailure {
  return outcome instanceof Malformed || isRefused(outcome);
}

/** The optional pool of a form whose other words are `others` many. */
export function poolIn(words: readonly string[], others: number): string | undefined {
  return words.length > others ? words[0] : undefined;
}

/** The last word as a whole number. */
export function wholeIn(
  words: readonly string[],
  what: string,
  min?: number,
): number | Malformed {
  const text = words.at(-1)!;
  const allowed = min === undefined ? WHOLE_TEXT : `${WHOLE_TEXT}, at least ${min}`;
  return readWhole(text, min) ?? new Malformed(what, text, allowed);
}

const WORDS: Readonly<Record<PoolRefusal, readonly [code: ErrorCode, message: string]>> = {
  "no pool": [Code.unknownName, "there is no pool %; list-pool shows all"],
  "no resource": [Code.unknownName, "there is no resource % here; list-resource shows all"],
  "no consumer": [Code.unknownName, "consumer % has no session here; consume gives one"],
  "no room": [Code.noRoom, "no resource of pool % is free; try again later"],
  "pool exists": [Code.conflict, "there is a pool % already; choose another name"],
  "another is master": [
    Code.notAllowed,
    "another connection is master; try again when it has ended",
  ],
  "nobody is master": [Code.notAllowed, "this is for the master only; become it with master"],
  "mastered already": [Code.conflict, "the server is mastered already, until that connection ends"],
};

export function writeFailure(failure: CommandFailure): string {
  if (failure instanceof Malformed) {
    const { what, text, allowed } = failure;
    return writeError(Code.badRequest, `${what} must be ${allowed}, not ${shorten(text)}`);
  }
  const [code, message] = WORDS[failure.refused];
  return writeError(code, message.replace("%", () => shorten(failure.name)));
}
