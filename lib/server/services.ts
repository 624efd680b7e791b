/** The protocols of one server, each with all that its sessions share, over one state. */
import {
  LOCK_REQUESTS_PER_SLICE_CHECK,
  POOL_REQUESTS_PER_SLICE_CHECK,
  USES_PER_CLOCK_READING,
} from "../limits.ts";
import type { Clock } from "../clock.ts";
import { commands as extendedCommands } from "../commands/extended/mod.ts";
import { writeEvent } from "../commands/extended/json_format.ts";
import { commands as glockdCommands } from "../commands/glockd/mod.ts";
import { commands as lookyCommands } from "../commands/looky/mod.ts";
import type { Feature, Program } from "../dispatch/command.ts";
import { CachedClock } from "../runtime/cached_clock.ts";
import { Registry } from "../dispatch/registry.ts";
import type { Service } from "../dispatch/session.ts";
import { Stats } from "../dispatch/stats.ts";
import { CommandTable } from "../dispatch/command_table.ts";
import { TimeSlice } from "../runtime/time_slice.ts";
import { Watchers } from "../dispatch/watchers.ts";
import { MemoryEngine } from "../engine/memory.ts";
import { buildPools } from "../state/pools/outline.ts";
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

/** What a test may set in place of the real thing. */
export interface Overrides {
  /** Where sessions tell what they do; the text has one character a byte. */
  readonly tell?: ((event: string) => void) | undefined;
  readonly clock?: Clock;
  /** Leaves the waiting to the runtime, as on systems without epoll. */
  readonly withoutEpoll?: boolean;
}

export function buildServices(
  config: Config,
  conf: LookyConf | undefined,
  surroundings: Overrides,
  marks?: TokenFile,
): Record<Protocol, Service> {
  const moment = new CachedClock(USES_PER_CLOCK_READING);
  const { tell, clock = new SystemClock(moment) } = surroundings;
  const { outline, defaults } = conf?.pools ?? readPools(new Conf(""));
  const turn = new TimeSlice(moment);
  const engine = new MemoryEngine(
    buildPools(outline, defaults, someSalt()),
    clock,
    turn,
    new FencingTokens(clock.unixMs(clock.nowMs), marks),
  );
  const store = new ConfSaver(engine, conf);
  const program: Program = {
    clock,
    startedMs: clock.nowMs,
    allowHalt: config.allowHalt,
    allowForce: config.allowForce,
    waitingMax: config.waitingMax,
    isDraining: false,
    save: () => store.save(),
  };
  const grants = new Set<Feature>();
  if (config.dump) grants.add("dump");
  if (config.registry) grants.add("registry");
  let owners = 0;
  const common = {
    engine,
    program,
    encoder: new Encoder(),
    lineBytesMax: config.lineBytesMax,
    turn,
    tell,
  };
  const own = () => {
    const registry = new Registry(() => ++owners);
    const word = (event: LockEvent) => writeEvent(event, registry, (ms) => clock.unixMs(ms));
    return { registry, stats: new Stats(), watchers: new Watchers(engine, word) };
  };
  return {
    glockd: {
      dialect: glockd,
      table: new CommandTable([...glockdCommands, ...extendedCommands], grants),
      requestsPerSliceCheck: LOCK_REQUESTS_PER_SLICE_CHECK,
      ...common,
      ...own(),
    },
    looky: {
      dialect: looky,
      table: new CommandTable(lookyCommands, grants),
      requestsPerSliceCheck: POOL_REQUESTS_PER_SLICE_CHECK,
      ...common,
      ...own(),
    },
  };
}

/** A whole number that nobody outside knows. */
function someSalt(): number {
  return crypto.getRandomValues(new Int32Array(1))[0]!;
}
