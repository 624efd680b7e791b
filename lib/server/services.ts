/** The protocols of one server, each with all that its sessions share, over one state. */
import { commands as extendedCommands } from "../commands/extended/mod.ts";
import { writeEvent } from "../commands/extended/shapes.ts";
import { commands as glockdCommands } from "../commands/glockd/mod.ts";
import { commands as lookyCommands } from "../commands/looky/mod.ts";
import type { Clock, Grant, Program } from "../dispatch/command.ts";
import { Moment } from "../dispatch/moment.ts";
import { Registry } from "../dispatch/registry.ts";
import type { Service } from "../dispatch/session.ts";
import { Stats } from "../dispatch/stats.ts";
import { Table } from "../dispatch/table.ts";
import { Turn } from "../dispatch/turn.ts";
import { Watchers } from "../dispatch/watchers.ts";
import { MemoryEngine } from "../engine/memory.ts";
import { buildPools } from "../state/pools/outline.ts";
import type { LockEvent } from "../state/journal.ts";
import { Encoder } from "../wire/bytes.ts";
import { Conf } from "../wire/conf.ts";
import { glockd } from "../wire/glockd.ts";
import { looky } from "../wire/looky.ts";
import { readPools } from "../wire/looky_conf.ts";
import { SystemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { LookyConf } from "./conf_file.ts";
import { Store } from "./store.ts";
import { type MarkFile, TokenCounter } from "./tokens.ts";

export type Protocol = "glockd" | "looky";

/** What a test may set in place of the real thing. */
export interface Surroundings {
  /** Where sessions tell what they do; the text has one character a byte. */
  readonly tell?: ((event: string) => void) | undefined;
  readonly clock?: Clock;
  /** Leaves the waiting to the runtime, as on systems without epoll. */
  readonly withoutEpoll?: boolean;
}

/** What locks cost is alike and little. A request about pools may be about all of very many. */
const LOCKS_PER_LOOK = 16;

/** What lies between two readings of the clock costs far less than a turn may last. */
const ASKS_PER_LOOK = 32;

export function buildServices(
  config: Config,
  conf: LookyConf | undefined,
  surroundings: Surroundings,
  marks?: MarkFile,
): Record<Protocol, Service> {
  const moment = new Moment(ASKS_PER_LOOK);
  const { tell, clock = new SystemClock(moment) } = surroundings;
  const { outline, defaults } = conf?.pools ?? readPools(new Conf(""));
  const turn = new Turn(moment);
  const engine = new MemoryEngine(
    buildPools(outline, defaults, someSalt()),
    clock,
    turn,
    new TokenCounter(clock.unixMs(clock.nowMs), marks),
  );
  const store = new Store(engine, conf);
  const program: Program = {
    clock,
    startedMs: clock.nowMs,
    allowHalt: config.allowHalt,
    allowForce: config.allowForce,
    waitingMax: config.waitingMax,
    isDraining: false,
    save: () => store.save(),
  };
  const grants = new Set<Grant>();
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
      table: new Table([...glockdCommands, ...extendedCommands], grants),
      stepsPerLook: LOCKS_PER_LOOK,
      ...common,
      ...own(),
    },
    looky: {
      dialect: looky,
      table: new Table(lookyCommands, grants),
      stepsPerLook: 1,
      ...common,
      ...own(),
    },
  };
}

/** A whole number that nobody outside knows. */
function someSalt(): number {
  return crypto.getRandomValues(new Int32Array(1))[0]!;
}
