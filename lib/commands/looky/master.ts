/** 2.6 Master commands: lock unlock master. Contract: docs/protocol/looky.md. */
import type { Command } from "../../dispatch/command.ts";
import { setLocked, takeMaster } from "../../state/pools/master.ts";
import { optionalPool, ruleCommand } from "./define.ts";

export const master: readonly Command[] = [
  ruleCommand(
    {
      usage: "lock [pool] <resource>",
      summary: "Close a resource to new consumers until the master unlocks it or disconnects.",
      needs: ["(M)"],
    },
    (pools, words) => setLocked(pools, words.at(-1)!, true, optionalPool(words, 1)),
  ),
  ruleCommand(
    {
      usage: "unlock [pool] <resource>",
      summary: "Open a locked resource again.",
      needs: ["(M)"],
    },
    (pools, words) => setLocked(pools, words.at(-1)!, false, optionalPool(words, 1)),
  ),
  ruleCommand(
    {
      usage: "master",
      summary: "Become the master until this connection ends.",
    },
    (pools, _words, { owner }) => takeMaster(pools, owner),
  ),
];
