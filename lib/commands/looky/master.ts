/** 2.6 Master commands: lock unlock master. Contract: docs/protocol/looky.md. */
import type { Command } from "../../dispatch/command.ts";
import { setLocked, takeMaster } from "../../state/pools/master.ts";
import { poolIn, ruleRow } from "./define.ts";

export const master: readonly Command[] = [
  ruleRow(
    {
      usage: "lock [pool] <resource>",
      summary: "Close a resource to new consumers until the master unlocks it or ends.",
      needs: ["(M)"],
    },
    (pools, words) => setLocked(pools, words.at(-1)!, true, poolIn(words, 1)),
  ),
  ruleRow(
    {
      usage: "unlock [pool] <resource>",
      summary: "Open a locked resource again.",
      needs: ["(M)"],
    },
    (pools, words) => setLocked(pools, words.at(-1)!, false, poolIn(words, 1)),
  ),
  ruleRow(
    {
      usage: "master",
      summary: "Master the server until this connection ends.",
    },
    (pools, _words, { owner }) => takeMaster(pools, owner),
  ),
];
