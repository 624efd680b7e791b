/** What the sessions of one protocol share. Types only. */
import type { Engine } from "../engine/engine.ts";
import type { TimeSlice } from "../runtime/time_slice.ts";
import type { Encoder } from "../wire/bytes.ts";
import type { Dialect } from "../wire/dialect.ts";
import type { CommandTable } from "./command_table.ts";
import type { Program } from "./context.ts";
import type { Registry } from "./registry.ts";
import type { Stats } from "./stats.ts";
import type { Watchers } from "./watchers.ts";

/** The settings, tables and counters that all sessions of one protocol use. */
export interface Service {
  readonly dialect: Dialect;
  readonly encoder: Encoder;
  readonly table: CommandTable;
  readonly engine: Engine;
  readonly registry: Registry;
  readonly stats: Stats;
  readonly watchers: Watchers;
  readonly program: Program;
  readonly lineBytesMax: number;
  readonly timeSlice: TimeSlice;
  /** The number of requests between two checks of the time slice: a power of two. */
  readonly requestsPerSliceCheck: number;
  /** Logs the events of sessions, one line per event; undefined when sessions are not logged. */
  readonly trace: ((event: string) => void) | undefined;
}
