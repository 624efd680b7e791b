/**
 * The commands that change the pool table, each carried out twice: by the rules, and by the
 * reference model. The rows read like the protocol's index.
 */
import { clear, consume, freeResource, releaseResource } from "../../lib/state/pools/assign.ts";
import { couple, decouple } from "../../lib/state/pools/coupling.ts";
import { leaveMaster, setLocked, takeMaster } from "../../lib/state/pools/master.ts";
import { isRefusal, type PoolMode, type Pools, type Seed } from "../../lib/state/pools/model.ts";
import { dropResource, setResource } from "../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../lib/state/pools/run_time.ts";
import { expireSessions } from "../../lib/state/pools/sessions.ts";
import { addPool, dropPool, setLatency, setMode, setSeed } from "../../lib/state/pools/table.ts";
import type { PoolModel } from "./pool_model.ts";
import * as reference from "./pool_model_sessions.ts";

/** The arguments of all commands; each command uses the ones that its usage names. */
export interface CommandArgs {
  pool: string;
  /** The `[pool]` of commands that can apply to all pools. */
  poolOrAll: string | undefined;
  resource: string;
  consumer: string;
  /** Any number; a weight is in ten-thousandths. */
  number: number;
  seed: Seed;
  mode: string;
  owner: number;
  nowMs: number;
}

/** `weight`: how often the command is drawn, relative to the others of its table. */
type Row = [
  usage: string,
  weight: number,
  real: (pools: Pools, args: CommandArgs) => unknown,
  model: (model: PoolModel, args: CommandArgs) => unknown,
];

/** Commands that assign and release. */
export const SESSION_COMMANDS: readonly Row[] = [
  [
    "consume <pool> <consumer>",
    30,
    (pools, { pool, consumer, nowMs }) => consume(pools, pool, consumer, nowMs),
    (model, { pool, consumer, nowMs }) => reference.consume(model, pool, consumer, nowMs),
  ],
  [
    "release <pool> <consumer>",
    5,
    (pools, { pool, consumer }) => releaseResource(pools, pool, consumer),
    (model, { pool, consumer }) => reference.release(model, pool, consumer),
  ],
  [
    "free [pool] <number>",
    2,
    (pools, { poolOrAll: where, number }) => freeResource(pools, number, where),
    (model, { poolOrAll: where, number }) => reference.free(model, where, number),
  ],
  [
    "clear [pool]",
    1,
    (pools, { poolOrAll: where }) => clear(pools, where),
    (model, { poolOrAll: where }) => reference.clear(model, where),
  ],
];

/** All other commands. */
export const OTHER_COMMANDS: readonly Row[] = [
  [
    "set-resource [pool] <resource> <quantity> (m)",
    16,
    (pools, { resource, number, poolOrAll: where }) => setResource(pools, resource, number, where),
    (model, { resource, number, poolOrAll: where }) => model.setResource(where, resource, number),
  ],
  [
    "drop-resource [pool] <resource> (m)",
    5,
    (pools, { resource, poolOrAll: where }) => dropResource(pools, resource, where),
    (model, { resource, poolOrAll: where }) => model.dropResource(where, resource),
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
    (pools, { resource, number, poolOrAll: where }) => setUsed(pools, resource, number, where),
    (model, { resource, number, poolOrAll: where }) => model.setUsed(where, resource, number),
  ],
  [
    "set-ratio [pool] <resource> <ratio> (m)",
    6,
    (pools, { resource, number, poolOrAll: where }) => setRatio(pools, resource, number, where),
    (model, { resource, number, poolOrAll: where }) => model.setRatio(where, resource, number),
  ],
  [
    "lock [pool] <resource> (M)",
    6,
    (pools, { resource, poolOrAll: where }) => setLocked(pools, resource, true, where),
    (model, { resource, poolOrAll: where }) => model.lock(where, resource, true),
  ],
  [
    "unlock [pool] <resource> (M)",
    6,
    (pools, { resource, poolOrAll: where }) => setLocked(pools, resource, false, where),
    (model, { resource, poolOrAll: where }) => model.lock(where, resource, false),
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
    (pools, { seed, poolOrAll: where }) => setSeed(pools, seed, where),
    (model, { seed, poolOrAll: where }) => model.set(where, { seed }),
  ],
  [
    "set-mode [pool] <mode>",
    6,
    (pools, { mode, poolOrAll: where }) => setMode(pools, modeOf(mode), where),
    (model, { mode, poolOrAll: where }) => model.set(where, { mode }),
  ],
  [
    "set-latency [pool] <seconds> (m)",
    4,
    (pools, { number, poolOrAll: where }) => setLatency(pools, number * 1000, where),
    (model, { number, poolOrAll: where }) => model.set(where, { latencySeconds: number }),
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
  ["tick <limit>", 3, tick, modelTick],
];

/** Returns the mode as the rules represent it. */
export function modeOf(mode: string): PoolMode {
  return mode.startsWith("queued-") ? reference.sizeOf(mode) : mode as PoolMode;
}

/** Not a command: the engine's housekeeping, with a limit. Reports its work, then finishes it. */
function tick(pools: Pools, { nowMs, number }: CommandArgs): unknown {
  const count = () => pools.list.reduce((sum, { sessions }) => sum + sessions.size, 0);
  const before = count();
  const isAll = expireSessions(pools, nowMs, number);
  const ended = before - count();
  expireSessions(pools, nowMs);
  return { isAll, ended };
}

function modelTick(model: PoolModel, { nowMs, number }: CommandArgs): unknown {
  const before = model.sessions.length;
  reference.expire(model, nowMs);
  const due = before - model.sessions.length;
  return { isAll: due <= number, ended: Math.min(due, number) };
}

/** Converts a rule's outcome to that of the model. */
export function outcomeOf(outcome: unknown): unknown {
  return isRefusal(outcome) ? outcome.reason : outcome ?? "done";
}
