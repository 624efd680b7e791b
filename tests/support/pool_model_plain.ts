/**
 * A pool table as plain values, and the reference model's as well, in the order that the
 * specification gives them: equal tables have equal values.
 */
import { effectiveUse, usagePercent } from "../../lib/state/pools/budget.ts";
import type { Pool, Pools, PoolSession } from "../../lib/state/pools/model.ts";
import type { PoolModel } from "./pool_model.ts";
import * as reference from "./pool_model_values.ts";

/** Returns the table: pools, sessions by age, coupled names, master, dirty. */
export function plainTable(pools: Pools): unknown {
  return [
    pools.list.map(plainPool),
    pools.list.flatMap(sessionsOf).sort((a, b) => a.contactNumber - b.contactNumber)
      .map(({ consumer, contactMs, resource }) => {
        return [resource.pool.name, consumer, resource.name, contactMs];
      }),
    [...pools.coupled].sort(),
    pools.master ?? "none",
    pools.revision !== pools.savedRevision,
  ];
}

function plainPool(
  { name, latencyMs, seed, mode, current, hasCurrent, resources }: Pool,
): unknown {
  const modeText = typeof mode === "number" ? `queued-${mode}` : mode;
  const settings = [name, latencyMs, seed, modeText, Math.max(0, current), hasCurrent];
  return [
    ...settings,
    resources.map(({ name, budget, frozen, locked }) => {
      const { given, ratio, offset, counted, have } = budget;
      return [
        name,
        frozen,
        locked,
        given,
        ratio,
        have,
        counted,
        offset,
        effectiveUse(budget),
        usagePercent(budget),
      ];
    }),
  ];
}

/** Returns the same for the model. */
export function plainModel({ pools, sessions, coupled, master, dirty }: PoolModel): unknown {
  return [
    pools.map((pool) => {
      const { name, latencySeconds, seed, mode, cursor, resources } = pool;
      const settings = [
        name,
        latencySeconds * 1000,
        seed,
        mode,
        reference.currentOf(pool),
        cursor.chosen,
      ];
      return [
        ...settings,
        resources.map(({ name, budget, frozen, locked }) => {
          const { given, ratio, offset } = budget;
          const have = [given, ratio, reference.effectiveHave(budget)];
          const uses = [
            reference.counted(sessions, budget),
            offset,
            reference.effectiveUsed(sessions, budget),
          ];
          return [name, frozen, locked, ...have, ...uses, reference.usage(sessions, budget)];
        }),
      ];
    }),
    sessions.map(({ pool, consumer, resource, contactMs }) => {
      return [pool.name, consumer, resource.name, contactMs];
    }),
    [...coupled].sort(),
    master ?? "none",
    dirty,
  ];
}

function sessionsOf({ sessions }: Pool): PoolSession[] {
  return [...sessions].map(([, session]) => session);
}
