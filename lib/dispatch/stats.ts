/** Counters of one protocol since the start. Only the gate and the session change them. */
export class Stats {
  invalidCommands = 0;
  /** Locks released because their connection ended: exclusive ones, */
  orphans = 0;
  /** and shared ones. */
  sharedOrphans = 0;
}
