/**
 * 2.7 Pool control: set-seed set-mode; and the additions add-pool drop-pool set-latency.
 * Contract: docs/protocol/looky.md.
 */
import type { Command } from "../../dispatch/command.ts";
import { addPool, dropPool, setLatency, setMode, setSeed } from "../../state/pools/table.ts";
import { MODE_TEXT, readMode, readSeed, SEED_TEXT } from "../../wire/looky_values.ts";
import { lastWholeNumber, MalformedArgument, optionalPool, ruleCommand } from "./define.ts";

export const poolControl: readonly Command[] = [
  ruleCommand(
    {
      usage: "set-seed [pool] <method>",
      summary: `Set how a pool chooses a resource: ${SEED_TEXT}.`,
    },
    (pools, words) => {
      const method = words.at(-1)!;
      const seed = readSeed(method);
      if (seed === undefined) return new MalformedArgument("method", method, SEED_TEXT);
      return setSeed(pools, seed, optionalPool(words, 1));
    },
  ),
  ruleCommand(
    {
      usage: "set-mode [pool] <mode>",
      summary: `Set what a full pool does for a new consumer: ${MODE_TEXT}.`,
    },
    (pools, words) => {
      const text = words.at(-1)!;
      const mode = readMode(text);
      if (mode === undefined) return new MalformedArgument("mode", text, MODE_TEXT);
      return setMode(pools, mode, optionalPool(words, 1));
    },
  ),
  ruleCommand(
    {
      usage: "add-pool <pool>",
      summary: "Create a pool.",
      needs: ["(m)"],
    },
    (pools, [pool = ""]) => addPool(pools, pool),
  ),
  ruleCommand(
    {
      usage: "drop-pool <pool>",
      summary: "Remove a pool; its sessions end.",
      needs: ["(m)"],
    },
    (pools, [pool = ""]) => dropPool(pools, pool),
  ),
  ruleCommand(
    {
      usage: "set-latency [pool] <seconds>",
      summary: "Set how long a session lasts without contact.",
      needs: ["(m)"],
    },
    (pools, words) => {
      const seconds = lastWholeNumber(words, "seconds", 1);
      if (seconds instanceof MalformedArgument) return seconds;
      return setLatency(pools, seconds * 1000, optionalPool(words, 1));
    },
  ),
];
