/** 2.3 Define run-time data: set-used set-ratio. Contract: docs/protocol/looky.md. */
import type { Command } from "../../dispatch/command.ts";
import { setRatio, setUsed } from "../../state/pools/run_time.ts";
import { RATIO_TEXT, readRatio } from "../../wire/looky_values.ts";
import { lastWholeNumber, MalformedArgument, optionalPool, ruleCommand } from "./define.ts";

export const runTimeData: readonly Command[] = [
  ruleCommand(
    {
      usage: "set-used [pool] <resource> <number>",
      summary: "Set the effective use of a resource.",
      needs: ["(m)"],
    },
    (pools, words) => {
      const number = lastWholeNumber(words, "number", 0);
      if (number instanceof MalformedArgument) return number;
      return setUsed(pools, words.at(-2)!, number, optionalPool(words, 2));
    },
  ),
  ruleCommand(
    {
      usage: "set-ratio [pool] <resource> <weight>",
      summary: "Multiply a resource's quantity by a weight.",
      needs: ["(m)"],
    },
    (pools, words) => {
      const weight = words.at(-1)!;
      const ratio = readRatio(weight);
      if (ratio === undefined) return new MalformedArgument("weight", weight, RATIO_TEXT);
      return setRatio(pools, words.at(-2)!, ratio, optionalPool(words, 2));
    },
  ),
];
