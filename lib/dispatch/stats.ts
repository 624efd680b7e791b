/** Counters of one protocol since the start. Only the gate and the session change them. */
export class Stats {
  invalidCommands = 0;
  /** Exclusive locks that were released because their connection ended. */
  orphans = 0;
  /** Shared locks that were released because their connection ended. */
  sharedOrphans = 0;
}
