/** The Looky protocol's commands, by the sections of its document. */
import type { Command } from "../../dispatch/command.ts";
import { assign } from "./assign.ts";
import { display } from "./display.ts";
import { general } from "./general.ts";
import { master } from "./master.ts";
import { poolControl } from "./pool_control.ts";
import { resources } from "./resources.ts";
import { runTimeData } from "./run_time_data.ts";

export const commands: readonly Command[] = [
  ...assign,
  ...resources,
  ...runTimeData,
  ...display,
  ...general,
  ...master,
  ...poolControl,
];
