/**
 * 2.1 Assign or release consumers: consume release clear free. Contract: docs/protocol/looky.md.
 */
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import {
  type AssignedResource,
  clear,
  consume,
  freeResource,
  releaseResource,
} from "../../state/pools/assign.ts";
import { escape } from "../../wire/escapes.ts";
import { writeOkHead, writeOkTail } from "../../wire/looky.ts";
import { cacheLastSecond, dateText } from "./dates.ts";
import {
  lastWholeNumber,
  MalformedArgument,
  optionalPool,
  ruleCommand,
  ruleCommandWithReply,
} from "./define.ts";

/** Returns the commands for one server, because `consume` caches the end of its last reply. */
export function assignCommands(): readonly Command[] {
  return [
    ruleCommandWithReply(
      {
        usage: "consume <pool> <consumer>",
        summary: "Assign a resource of the pool to the consumer, or renew its assignment.",
        slice: "session",
      },
      (pools, words, _context, { nowMs }) => consume(pools, words[0]!, words[1]!, nowMs),
      assignmentFormat(),
    ),
    ruleCommand(
      {
        usage: "release <pool> <consumer>",
        summary: "Release the consumer's resource.",
        slice: "session",
      },
      (pools, words) => releaseResource(pools, words[0]!, words[1]!),
    ),
    ruleCommand(
      {
        usage: "clear [pool]",
        summary: "Release all assigned resources, of one pool or of all.",
      },
      (pools, [pool]) => clear(pools, pool),
    ),
    ruleCommand(
      {
        usage: "free [pool] <number>",
        summary: "Release the resources that were assigned or renewed longest ago.",
      },
      (pools, words) => {
        const number = lastWholeNumber(words, "number", 0);
        if (number instanceof MalformedArgument) return number;
        return freeResource(pools, number, optionalPool(words, 1));
      },
    ),
  ];
}

const RESOURCE_HEAD = writeOkHead("resource");

function assignmentFormat(): (assigned: AssignedResource, context: Context) => string {
  const expiryTail = cacheLastSecond((seconds) =>
    writeOkTail({ date: dateText(seconds), expires: seconds })
  );
  return ({ resource, endMs }, { program, trace }) => {
    trace?.(`has resource ${resource}`);
    return RESOURCE_HEAD + escape(resource) + expiryTail(program.clock.unixSeconds(endMs));
  };
}
