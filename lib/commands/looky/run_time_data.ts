/** 2.3 Define run-time data: set-used set-ratio. Contract: docs/protocol/looky.md. */
import type { Command } from "../../dispatch/command.ts";
import { setRatio, setUsed } from "../../state/pools/run_time.ts";
import { RATIO_TEXT, readRatio } from "../../wire/looky_values.ts";
import { Malformed, poolIn, ruleRow, wholeIn } from "./define.ts";

export const runTimeData: readonly Command[] = [
  ruleRow(
    {
      usage: "set-used [pool] <resource> <number>",
      summary: "Set how many sessions of a resource count as used now.",
      needs: ["(m)"],
    },
    (pools, words) => {
      const number = wholeIn(words, "number", 0);
      if (number instanceof Malformed) return number;
      return setUsed(pools, words.at(-2)!, number, poolIn(words, 2));
    },
  ),
  ruleRow(
    {
      usage: "set-ratio [pool] <resource> <weight>",
      summary: "Multiply a resource's quantity by a weight.",
      needs: ["(m)"],
    },
    (pools, words) => {
      const weight = words.at(-1)!;
      const ratio = readRatio(weight);
      if (ratio === undefined) return new Malformed("weight", weight, RATIO_TEXT);
      return setRatio(pools, words.at(-2)!, ratio, poolIn(words, 2));
    },
  ),
];
