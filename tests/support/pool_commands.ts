/**
 * The commands that change the pool table, each done in two ways: by the rules, and by the slow
 * model. The rows read like the protocol's index.
 */
import { clear, consume, freeResource, releaseResource } from "../../lib/state/pools/assign.ts";
import { couple, decouple } from "../../lib/state/pools/coupling.ts";
import { leaveMaster, setLocked, takeMaster } from "../../lib/state/pools/master.ts";
import { isRefused, type PoolMode, type Pools, type Seed } from "../../lib/state/pools/model.ts";
import { dropResource, setResource } from "../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../lib/state/pools/run_time.ts";
import { expire } from "../../lib/state/pools/sessions.ts";
import { addPool, dropPool, setLatency, setMode, setSeed } from "../../lib/state/pools/table.ts";
import type { PoolModel } from "./pool_model.ts";
import * as slow from "./pool_model_sessions.ts";

/** What commands are about; each uses what its usage names, and the others have no meaning. */
export interface Args {
  pool: string;
  /** The `[pool]` of commands that may be about all of them. */
  where: string | undefined;
  resource: string;
  consumer: string;
  /** Whatever the number counts; a weight is in ten-thousandths. */
  number: number;
  seed: Seed;
  mode: string;
  owner: number;
  nowMs: number;
}

/** `share`: how often the command is drawn, next to the others of its table. */
type Row = [
  usage: string,
  share: number,
  real: (pools: Pools, args: Args) => unknown,
  model: (model: PoolModel, args: Args) => unknown,
];

/** About who holds what. */
export const SESSION_COMMANDS: readonly Row[] = [
  [
    "consume <pool> <consumer>",
    30,
    (pools, { pool, consumer, nowMs }) => consume(pools, pool, consumer, nowMs),
    (model, { pool, consumer, nowMs }) => slow.consume(model, pool, consumer, nowMs),
  ],
  [
    "release <pool> <consumer>",
    5,
    (pools, { pool, consumer }) => releaseResource(pools, pool, consumer),
    (model, { pool, consumer }) => slow.release(model, pool, consumer),
  ],
  [
    "free [pool] <number>",
    2,
    (pools, { where, number }) => freeResource(pools, number, where),
    (model, { where, number }) => slow.free(model, where, number),
  ],
  [
    "clear [pool]",
    1,
    (pools, { where }) => clear(pools, where),
    (model, { where }) => slow.clear(model, where),
  ],
];

/** About all else. */
export const OTHER_COMMANDS: readonly Row[] = [
  [
    "set-resource [pool] <resource> <quantity> (m)",
    16,
    (pools, { resource, number, where }) => setResource(pools, resource, number, where),
    (model, { resource, number, where }) => model.setResource(where, resource, number),
  ],
  [
    "drop-resource [pool] <resource> (m)",
    5,
    (pools, { resource, where }) => dropResource(pools, resource, where),
    (model, { resource, where }) => model.dropResource(where, resource),
  ],
  [
    "couple <resource> (m)",
    6,
    (pools, { resource }) => couple(pools, resource),
    (model, { resource }) => model.couple(resource),
  ],
  [
    "decouple <resource> (m)",
    4,
    (pools, { resource }) => decouple(pools, resource),
    (model, { resource }) => model.decouple(resource),
  ],
  [
    "freeze <pool> <resource> (m)",
    5,
    (pools, { resource, pool }) => setFrozen(pools, resource, pool, true),
    (model, { resource, pool }) => model.freeze(pool, resource, true),
  ],
  [
    "unfreeze <pool> <resource> (m)",
    6,
    (pools, { resource, pool }) => setFrozen(pools, resource, pool, false),
    (model, { resource, pool }) => model.freeze(pool, resource, false),
  ],
  [
    "set-used [pool] <resource> <used> (m)",
    6,
    (pools, { resource, number, where }) => setUsed(pools, resource, number, where),
    (model, { resource, number, where }) => model.setUsed(where, resource, number),
  ],
  [
    "set-ratio [pool] <resource> <ratio> (m)",
    6,
    (pools, { resource, number, where }) => setRatio(pools, resource, number, where),
    (model, { resource, number, where }) => model.setRatio(where, resource, number),
  ],
  [
    "lock [pool] <resource> (M)",
    6,
    (pools, { resource, where }) => setLocked(pools, resource, true, where),
    (model, { resource, where }) => model.lock(where, resource, true),
  ],
  [
    "unlock [pool] <resource> (M)",
    6,
    (pools, { resource, where }) => setLocked(pools, resource, false, where),
    (model, { resource, where }) => model.lock(where, resource, false),
  ],
  [
    "master",
    4,
    (pools, { owner }) => takeMaster(pools, owner),
    (model, { owner }) => model.becomeMaster(owner),
  ],
  [
    "leaves",
    2,
    (pools, { owner }) => leaveMaster(pools, owner),
    (model, { owner }) => model.leave(owner),
  ],
  [
    "set-seed [pool] <seed>",
    6,
    (pools, { seed, where }) => setSeed(pools, seed, where),
    (model, { seed, where }) => model.set(where, { seed }),
  ],
  [
    "set-mode [pool] <mode>",
    6,
    (pools, { mode, where }) => setMode(pools, modeOf(mode), where),
    (model, { mode, where }) => model.set(where, { mode }),
  ],
  [
    "set-latency [pool] <seconds> (m)",
    4,
    (pools, { number, where }) => setLatency(pools, number * 1000, where),
    (model, { number, where }) => model.set(where, { latencySeconds: number }),
  ],
  [
    "add-pool <pool> (m)",
    5,
    (pools, { pool }) => addPool(pools, pool),
    (model, { pool }) => model.addPool(pool),
  ],
  [
    "drop-pool <pool> (m)",
    2,
    (pools, { pool }) => dropPool(pools, pool),
    (model, { pool }) => model.dropPool(pool),
  ],
  [
    "save",
    4,
    (pools) => void (pools.savedRevision = pools.revision),
    (model) => void (model.dirty = false),
  ],
  ["tick <limit>", 3, tick, slowTick],
];

/** The mode as the rules write it. */
export function modeOf(mode: string): PoolMode {
  return mode.startsWith("queued-") ? slow.sizeOf(mode) : mode as PoolMode;
}

/** Not a command: the engine's housekeeping, which may be told to do a part of its work. */
function tick(pools: Pools, { nowMs, number }: Args): unknown {
  const count = () => pools.list.reduce((sum, { sessions }) => sum + sessions.size, 0);
  const before = count();
  const isAll = expire(pools, nowMs, number);
  const ended = before - count();
  expire(pools, nowMs);
  return { isAll, ended };
}

function slowTick(model: PoolModel, { nowMs, number }: Args): unknown {
  const before = model.sessions.length;
  slow.expire(model, nowMs);
  const due = before - model.sessions.length;
  return { isAll: due <= number, ended: Math.min(due, number) };
}

/** A rule's outcome in the words of the model. */
export function outcomeOf(outcome: unknown): unknown {
  return isRefused(outcome) ? outcome.refused : outcome ?? "done";
}
