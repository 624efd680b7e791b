/** The words that came later, by the sections of their document. */
import type { Command } from "../../dispatch/command.ts";
import { acquiring } from "./acquire.ts";
import { looking } from "./inspect.ts";
import { sessions } from "./sessions.ts";

export const commands: readonly Command[] = [...acquiring, ...looking, ...sessions];
