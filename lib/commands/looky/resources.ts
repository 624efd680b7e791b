/**
 * 2.2 Resource management: set-resource drop-resource couple decouple freeze unfreeze.
 * Contract: docs/protocol/looky.md.
 */
import type { Command } from "../../dispatch/command.ts";
import { couple, decouple } from "../../state/pools/coupling.ts";
import { dropResource, setResource } from "../../state/pools/resources.ts";
import { setFrozen } from "../../state/pools/run_time.ts";
import { lastWholeNumber, MalformedArgument, optionalPool, ruleCommand } from "./define.ts";

export const resources: readonly Command[] = [
  ruleCommand(
    {
      usage: "set-resource [pool] <resource> <quantity>",
      summary: "Create a resource or change its quantity, in one pool or in all.",
      needs: ["(m)"],
    },
    (pools, words) => {
      const quantity = lastWholeNumber(words, "quantity");
      if (quantity instanceof MalformedArgument) return quantity;
      return setResource(pools, words.at(-2)!, quantity, optionalPool(words, 2));
    },
  ),
  ruleCommand(
    {
      usage: "drop-resource [pool] <resource>",
      summary: "Remove a resource from one pool or from all; its sessions end.",
      needs: ["(m)"],
    },
    (pools, words) => dropResource(pools, words.at(-1)!, optionalPool(words, 1)),
  ),
  ruleCommand(
    {
      usage: "couple <resource>",
      summary: "Let all pools share one quantity of the resource.",
      needs: ["(m)"],
    },
    (pools, [resource = ""]) => couple(pools, resource),
  ),
  ruleCommand(
    {
      usage: "decouple <resource>",
      summary: "Let each pool have its own quantity of the resource.",
      needs: ["(m)"],
    },
    (pools, [resource = ""]) => decouple(pools, resource),
  ),
  ruleCommand(
    {
      usage: "freeze <pool> <resource>",
      summary: "Stop assigning the resource to new consumers; existing sessions stay.",
      needs: ["(m)"],
    },
    (pools, [pool = "", resource = ""]) => setFrozen(pools, resource, pool, true),
  ),
  ruleCommand(
    {
      usage: "unfreeze <pool> <resource>",
      summary: "Allow new sessions on a frozen resource again.",
      needs: ["(m)"],
    },
    (pools, [pool = "", resource = ""]) => setFrozen(pools, resource, pool, false),
  ),
];
