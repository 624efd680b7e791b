/** Counters of one protocol since the server started. Only the gate and the session change them. */
export class Stats {
  invalidCommands = 0;
  /** Exclusive locks that were released because the connection of their holder ended. */
  orphans = 0;
  /** Shared locks that were released because the connection of their holder ended. */
  sharedOrphans = 0;
}
