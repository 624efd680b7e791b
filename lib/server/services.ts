/** Builds the service of each protocol; all services of a server share one state. */
import {
  LOCK_REQUESTS_PER_SLICE_CHECK,
  POOL_REQUESTS_PER_SLICE_CHECK,
  USES_PER_CLOCK_READING,
} from "../limits.ts";
import type { Clock } from "../clock.ts";
import { commands as extendedCommands } from "../commands/extended/mod.ts";
import { writeEvent } from "../commands/extended/json_format.ts";
import { commands as glockdCommands } from "../commands/glockd/mod.ts";
import { lookyCommands } from "../commands/looky/mod.ts";
import type { Feature } from "../dispatch/command.ts";
import type { Program } from "../dispatch/context.ts";
import { CachedClock } from "../runtime/cached_clock.ts";
import { Registry } from "../dispatch/registry.ts";
import type { Service } from "../dispatch/service.ts";
import { Stats } from "../dispatch/stats.ts";
import { CommandTable } from "../dispatch/command_table.ts";
import { TimeSlice } from "../runtime/time_slice.ts";
import { Watchers } from "../dispatch/watchers.ts";
import type { Outcome } from "../engine/engine.ts";
import { MemoryEngine } from "../engine/memory.ts";
import { buildPools } from "../state/pools/configuration.ts";
import type { LockEvent } from "../state/locks/event_log.ts";
import { Encoder } from "../wire/bytes.ts";
import { Conf } from "../wire/conf.ts";
import { glockd } from "../wire/glockd.ts";
import { looky } from "../wire/looky.ts";
import { readPools } from "../wire/looky_conf.ts";
import { SystemClock } from "../runtime/system_clock.ts";
import type { Config } from "./config.ts";
import type { LookyConf } from "./conf_file.ts";
import { ConfSaver } from "./save_conf.ts";
import { FencingTokens, type TokenFile } from "./fencing_tokens.ts";

export type Protocol = "glockd" | "looky";

/** Parts of the server that tests replace, and the trace. */
export interface Overrides {
  /** Called with each event of a session; the text has one character per byte. */
  readonly trace?: ((event: string) => void) | undefined;
  readonly clock?: Clock;
  /** Uses the runtime's sockets, as on systems without epoll. */
  readonly withoutEpoll?: boolean;
}

/** The service of each protocol. */
export interface Services extends Readonly<Record<Protocol, Service>> {
  /** Replies "draining" to all waiting requests, and to later requests that can wait. */
  drain(): Outcome<void>;
}

export function buildServices(
  config: Config,
  conf: LookyConf | undefined,
  overrides: Overrides,
  tokenFile?: TokenFile,
): Services {
  const cachedClock = new CachedClock(USES_PER_CLOCK_READING);
  const { trace, clock = new SystemClock(cachedClock) } = overrides;
  const { configuration, defaults } = conf?.pools ?? readPools(new Conf(""));
  const timeSlice = new TimeSlice(cachedClock);
  const engine = new MemoryEngine(
    buildPools(configuration, defaults, randomSalt()),
    clock,
    timeSlice,
    new FencingTokens(clock.unixMs(clock.nowMs), tokenFile),
  );
  const saver = new ConfSaver(engine, conf);
  let isDraining = false;
  const program: Program = {
    clock,
    startedMs: clock.nowMs,
    allowHalt: config.allowHalt,
    allowForce: config.allowForce,
    waitersMax: config.waitersMax,
    get isDraining() {
      return isDraining;
    },
    save: () => saver.save(),
  };
  const features = new Set<Feature>();
  if (config.dump) features.add("dump");
  if (config.registry) features.add("registry");
  let lastOwner = 0;
  const common = {
    engine,
    program,
    encoder: new Encoder(),
    lineBytesMax: config.lineBytesMax,
    timeSlice,
    trace,
  };
  const perProtocol = () => {
    const registry = new Registry(() => ++lastOwner);
    const format = (event: LockEvent) => writeEvent(event, registry, (ms) => clock.unixMs(ms));
    return { registry, stats: new Stats(), watchers: new Watchers(engine, format) };
  };
  return {
    glockd: {
      dialect: glockd,
      table: new CommandTable([...glockdCommands, ...extendedCommands], features),
      requestsPerSliceCheck: LOCK_REQUESTS_PER_SLICE_CHECK,
      ...common,
      ...perProtocol(),
    },
    looky: {
      dialect: looky,
      table: new CommandTable(lookyCommands(), features),
      requestsPerSliceCheck: POOL_REQUESTS_PER_SLICE_CHECK,
      ...common,
      ...perProtocol(),
    },
    drain(): Outcome<void> {
      isDraining = true;
      return engine.drain();
    },
  };
}

/** Returns a number that no client knows, so that no client can make hashes of names collide. */
function randomSalt(): number {
  return crypto.getRandomValues(new Int32Array(1))[0]!;
}
