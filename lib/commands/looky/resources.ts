/**
 * 2.2 Resource management: set-resource drop-resource couple decouple freeze unfreeze.
 * Contract: docs/protocol/looky.md.
 */
import type { Command } from "../../dispatch/command.ts";
import { couple, decouple } from "../../state/pools/coupling.ts";
import { dropResource, setResource } from "../../state/pools/resources.ts";
import { setFrozen } from "../../state/pools/run_time.ts";
import { Malformed, poolIn, ruleRow, wholeIn } from "./define.ts";

export const resources: readonly Command[] = [
  ruleRow(
    {
      usage: "set-resource [pool] <resource> <quantity>",
      summary: "Create a resource or change its quantity, in one pool or in all.",
      needs: ["(m)"],
    },
    (pools, words) => {
      const quantity = wholeIn(words, "quantity");
      if (quantity instanceof Malformed) return quantity;
      return setResource(pools, words.at(-2)!, quantity, poolIn(words, 2));
    },
  ),
  ruleRow(
    {
      usage: "drop-resource [pool] <resource>",
      summary: "Remove a resource from one pool or from all; its sessions end.",
      needs: ["(m)"],
    },
    (pools, words) => dropResource(pools, words.at(-1)!, poolIn(words, 1)),
  ),
  ruleRow(
    {
      usage: "couple <resource>",
      summary: "Let all pools share one quantity of the resource.",
      needs: ["(m)"],
    },
    (pools, [resource = ""]) => couple(pools, resource),
  ),
  ruleRow(
    {
      usage: "decouple <resource>",
      summary: "Let each pool have its own quantity of the resource.",
      needs: ["(m)"],
    },
    (pools, [resource = ""]) => decouple(pools, resource),
  ),
  ruleRow(
    {
      usage: "freeze <pool> <resource>",
      summary: "Assign the resource to no more consumers; those who have it keep it.",
      needs: ["(m)"],
    },
    (pools, [pool = "", resource = ""]) => setFrozen(pools, resource, pool, true),
  ),
  ruleRow(
    {
      usage: "unfreeze <pool> <resource>",
      summary: "Assign a frozen resource again.",
      needs: ["(m)"],
    },
    (pools, [pool = "", resource = ""]) => setFrozen(pools, resource, pool, false),
  ),
];
