/**
 * Defines commands that run one rule on the pools. The check of the master and the rule run in one
 * change. The functions here format its outcome.
 */
import type { TimeSource } from "../../clock.ts";
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import type { Reply } from "../../dispatch/reply.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { checkMaster, type MasterRule } from "../../state/pools/master.ts";
import {
  isRefusal,
  type PoolRefusal,
  type PoolRefusalReason,
  type Pools,
} from "../../state/pools/model.ts";
import { shorten } from "../../wire/bytes.ts";
import { Code, type LookyErrorCode, writeError, writeOk } from "../../wire/looky.ts";
import { readWhole, WHOLE_TEXT } from "../../wire/looky_values.ts";

/** An argument that does not have the required form. */
export class MalformedArgument {
  /**
   * @param argument the name of the argument in the usage line.
   * @param allowed the required form.
   */
  constructor(readonly argument: string, readonly text: string, readonly allowed: string) {}
}

/** Why a command was not carried out. */
export type CommandFailure = PoolRefusal | MalformedArgument;

/** Checks the arguments, then reads or changes the pools. A malformed argument changes nothing. */
export type PoolRule<R> = (
  pools: Pools,
  words: readonly string[],
  context: Context,
  time: TimeSource,
) => R | CommandFailure;

type Description = Pick<Command, "usage" | "summary"> & {
  readonly needs?: readonly [MasterRule];
  /** Which part of the pools the rule uses; by default all pools. */
  readonly slice?: "session";
};

/** Returns a command that replies OK when the rule has succeeded. */
export function ruleCommand(description: Description, rule: PoolRule<void>): Command {
  return ruleCommandWithReply(description, rule, () => writeOk());
}

/** Returns a command whose reply is formatted from the rule's result. */
export function ruleCommandWithReply<R>(
  description: Description,
  rule: PoolRule<R>,
  format: (result: R, context: Context) => Reply,
): Command {
  const { slice = "pools", ...command } = description;
  const masterRule = description.needs?.[0];
  return {
    ...command,
    run({ verb, words }, context): Outcome<Reply> {
      const outcome = context.engine.change(slice, ({ pools }, time): R | CommandFailure => {
        const refusal = masterRule && checkMaster(pools, context.owner, masterRule);
        return refusal ?? rule(pools, words, context, time);
      });
      return after(outcome, (result) => {
        if (isFailure(result)) return writeFailure(result);
        context.trace?.(`${verb} ${words.join(" ")}`);
        return format(result, context);
      });
    },
  };
}

export function isFailure(outcome: unknown): outcome is CommandFailure {
  return outcome instanceof MalformedArgument || isRefusal(outcome);
}

/** Returns the optional pool: the first word, if there are more than `others` words. */
export function optionalPool(words: readonly string[], others: number): string | undefined {
  return words.length > others ? words[0] : undefined;
}

/** Returns the last word as a whole number. */
export function lastWholeNumber(
  words: readonly string[],
  argument: string,
  min?: number,
): number | MalformedArgument {
  const text = words.at(-1)!;
  const allowed = min === undefined ? WHOLE_TEXT : `${WHOLE_TEXT}, at least ${min}`;
  return readWhole(text, min) ?? new MalformedArgument(argument, text, allowed);
}

/** The reply to each refusal; % stands for the name. */
const ERRORS: Readonly<
  Record<PoolRefusalReason, readonly [code: LookyErrorCode, message: string]>
> = {
  "no pool": [Code.unknownName, "there is no pool %; list-pool shows all"],
  "no resource": [Code.unknownName, "there is no resource % here; list-resource shows all"],
  "no consumer": [Code.unknownName, "consumer % has no session here; consume gives one"],
  "no room": [Code.noRoom, "no resource of pool % is free; try again later"],
  "pool exists": [Code.conflict, "there is a pool % already; choose another name"],
  "another is master": [
    Code.notAllowed,
    "another connection is master; try again when it has ended",
  ],
  "no master": [Code.notAllowed, "this is for the master only; become it with master"],
  "master exists": [Code.conflict, "the server is mastered already, until that connection ends"],
};

export function writeFailure(failure: CommandFailure): string {
  if (failure instanceof MalformedArgument) {
    const { argument, text, allowed } = failure;
    return writeError(Code.badRequest, `${argument} must be ${allowed}, not ${shorten(text)}`);
  }
  const [code, message] = ERRORS[failure.reason];
  return writeError(code, message.replace("%", () => shorten(failure.name)));
}
