/** The thirteen commands of the glockd protocol, in the order of its document. */
import type { Command } from "../../dispatch/command.ts";
import { exclusive } from "./exclusive.ts";
import { registry } from "./registry.ts";
import { shared } from "./shared.ts";
import { stats } from "./stats.ts";

export const commands: readonly Command[] = [...exclusive, ...shared, ...registry, ...stats];
