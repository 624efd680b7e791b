/** The Looky protocol's commands, by the sections of its document. */
import type { Command } from "../../dispatch/command.ts";
import { assignCommands } from "./assign.ts";
import { display } from "./display.ts";
import { general } from "./general.ts";
import { master } from "./master.ts";
import { poolControl } from "./pool_control.ts";
import { resources } from "./resources.ts";
import { runTimeData } from "./run_time_data.ts";

/** Returns the commands for one server. */
export function lookyCommands(): readonly Command[] {
  return [
    ...assignCommands(),
    ...resources,
    ...runTimeData,
    ...display,
    ...general,
    ...master,
    ...poolControl,
  ];
}
