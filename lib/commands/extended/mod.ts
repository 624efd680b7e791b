/** The extended commands, in the order of the protocol document. */
import type { Command } from "../../dispatch/command.ts";
import { acquireCommands } from "./acquire.ts";
import { inspectCommands } from "./inspect.ts";
import { sessionCommands } from "./sessions.ts";

export const commands: readonly Command[] = [
  ...acquireCommands,
  ...inspectCommands,
  ...sessionCommands,
];
