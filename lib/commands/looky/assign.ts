/** 2.1 Assign or release consumers: consume release clear free. Contract: docs/protocol/looky.md. */
import type { Command, Context } from "../../dispatch/command.ts";
import {
  type AssignedResource,
  clear,
  consume,
  freeResource,
  releaseResource,
} from "../../state/pools/assign.ts";
import { escape } from "../../wire/escapes.ts";
import { writeOkHead, writeOkTail } from "../../wire/looky.ts";
import { dateText } from "./dates.ts";
import { Malformed, poolIn, rowOf, ruleRow, wholeIn } from "./define.ts";

const RESOURCE = writeOkHead("resource");
/** How a reply to `consume` ends, as of the last: those that follow are mostly of the same second. */
const last = { seconds: NaN, text: "" };

function endText(seconds: number): string {
  if (seconds !== last.seconds) {
    last.text = writeOkTail({ date: dateText(seconds), expires: seconds });
    last.seconds = seconds;
  }
  return last.text;
}

function wordAssignment(
  { resource, endMs }: AssignedResource,
  { program, trace }: Context,
): string {
  trace?.(`has resource ${resource}`);
  return RESOURCE + escape(resource) + endText(program.clock.unixSeconds(endMs));
}

export const assign: readonly Command[] = [
  rowOf(
    {
      usage: "consume <pool> <consumer>",
      summary: "Get a resource of the pool for the consumer, or renew the one it has.",
      slice: "session",
    },
    (pools, words, _context, { nowMs }) => consume(pools, words[0]!, words[1]!, nowMs),
    wordAssignment,
  ),
  ruleRow(
    {
      usage: "release <pool> <consumer>",
      summary: "Give the consumer's resource back.",
      slice: "session",
    },
    (pools, words) => releaseResource(pools, words[0]!, words[1]!),
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
      return number instanceof Malformed ? number : freeResource(pools, number, poolIn(words, 1));
    },
  ),
];
