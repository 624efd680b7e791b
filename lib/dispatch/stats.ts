/** Counters of one server since its start. Changed by the gate and the session only, never by a command. */
export class Stats {
  invalidCommands = 0;
  /** Exclusive and shared locks that a departure gave back. */
  orphans = 0;
  sharedOrphans = 0;
}
