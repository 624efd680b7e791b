/** 2.1 Assign or release consumers: consume release clear free. Contract: docs/protocol/looky.md. */
import type { Command, Context } from "../../dispatch/command.ts";
import { type Assignment, clear, consume, free, release } from "../../state/pools/assign.ts";
import { writeOk } from "../../wire/looky.ts";
import { dateText } from "./dates.ts";
import { Malformed, poolIn, rowOf, ruleRow, wholeIn } from "./rule.ts";

function wordAssignment({ resource, endMs }: Assignment, { program, note }: Context): string {
  const expires = program.clock.seconds(endMs);
  note?.(`has resource ${resource}`);
  return writeOk({ resource, date: dateText(expires), expires });
}

export const assign: readonly Command[] = [
  rowOf(
    {
      usage: "consume <pool> <consumer>",
      summary: "Get a resource of the pool for the consumer, or renew the one it has.",
    },
    (pools, [pool = "", consumer = ""], _context, { nowMs }) =>
      consume(pools, pool, consumer, nowMs),
    wordAssignment,
  ),
  ruleRow(
    {
      usage: "release <pool> <consumer>",
      summary: "Give the consumer's resource back.",
    },
    (pools, [pool = "", consumer = ""]) => release(pools, pool, consumer),
  ),
  ruleRow(
    {
      usage: "clear [pool]",
      summary: "Release all assigned resources, of one pool or of all.",
    },
    (pools, [pool]) => clear(pools, pool),
  ),
  ruleRow(
    {
      usage: "free [pool] <number>",
      summary: "Release the resources that were assigned or renewed longest ago.",
    },
    (pools, words) => {
      const number = wholeIn(words, "number", 0);
      return number instanceof Malformed ? number : free(pools, number, poolIn(words, 1));
    },
  ),
];
