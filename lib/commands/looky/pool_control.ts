/**
 * 2.7 Pool control: set-seed set-mode; and what Holdfast adds: add-pool drop-pool set-latency.
 * Contract: docs/protocol/looky.md.
 */
import type { Command } from "../../dispatch/command.ts";
import { addPool, dropPool, setLatency, setMode, setSeed } from "../../state/pools/table.ts";
import { MODE_TEXT, readMode, readSeed, SEED_TEXT } from "../../wire/looky_values.ts";
import { Malformed, poolIn, ruleRow, wholeIn } from "./define.ts";

export const poolControl: readonly Command[] = [
  ruleRow(
    {
      usage: "set-seed [pool] <method>",
      summary: `Set how a pool chooses a resource: ${SEED_TEXT}.`,
    },
    (pools, words) => {
      const method = words.at(-1)!;
      const seed = readSeed(method);
      if (seed === undefined) return new Malformed("method", method, SEED_TEXT);
      return setSeed(pools, seed, poolIn(words, 1));
    },
  ),
  ruleRow(
    {
      usage: "set-mode [pool] <mode>",
      summary: `Set what a full pool does for a new consumer: ${MODE_TEXT}.`,
    },
    (pools, words) => {
      const text = words.at(-1)!;
      const mode = readMode(text);
      if (mode === undefined) return new Malformed("mode", text, MODE_TEXT);
      return setMode(pools, mode, poolIn(words, 1));
    },
  ),
  ruleRow(
    {
      usage: "add-pool <pool>",
      summary: "Make a pool.",
      needs: ["(m)"],
    },
    (pools, [pool = ""]) => addPool(pools, pool),
  ),
  ruleRow(
    {
      usage: "drop-pool <pool>",
      summary: "Remove a pool; its sessions end.",
      needs: ["(m)"],
    },
    (pools, [pool = ""]) => dropPool(pools, pool),
  ),
  ruleRow(
    {
      usage: "set-latency [pool] <seconds>",
      summary: "Set how long a resource stays assigned without being consumed again.",
      needs: ["(m)"],
    },
    (pools, words) => {
      const seconds = wholeIn(words, "seconds", 1);
      if (seconds instanceof Malformed) return seconds;
      return setLatency(pools, seconds * 1000, poolIn(words, 1));
    },
  ),
];
