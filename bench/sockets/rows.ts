/**
 * What is measured, and what Holdfast has to reach: one row for each question. Pure data.
 *
 * A row compares its first load with its yardstick, which runs next to it in every round: figures
 * that were taken minutes apart do not compare on a machine with neighbours.
 */
import type { Protocol } from "../load/traffic.ts";

export type ServerName = "Holdfast" | "Redis" | "memcached" | "glockd";
/** Where a server listens. */
export type Door = "tcp" | "unix" | "websocket" | "looky";

export interface Load {
  readonly server: ServerName;
  readonly door: Door;
  readonly connections: number;
  /** Requests sent at once, before any reply. */
  readonly depth: number;
  /** Names that all connections share; 0: a name for each. */
  readonly names: number;
  /** Whether it says hello, acquire and release, in place of the old words. */
  readonly isExtended?: boolean;
}

export interface Target {
  /** Rate and p99.9 in proportion to the yardstick's; spread is the longest to the median latency. */
  readonly figure: "rate" | "p99.9" | "spread";
  readonly bound: number;
}

export interface Row {
  readonly title: string;
  readonly ours: Load;
  readonly yardstick: Load;
  /** The others that can do the same, for information. */
  readonly others: readonly Load[];
  readonly targets: readonly Target[];
}

export const SERVERS: readonly ServerName[] = ["Holdfast", "Redis", "memcached", "glockd"];
const CONNECTIONS = 50;
const PLAIN: Load = {
  server: "Holdfast",
  door: "tcp",
  connections: CONNECTIONS,
  depth: 1,
  names: 0,
};

function againstRedis(title: string, load: Partial<Load>, ...targets: readonly Target[]): Row {
  const by = (server: ServerName) => ({ ...PLAIN, ...load, server });
  // memcached listens on a Unix socket or on TCP, never on both.
  const others = load.door === "unix" ? [by("glockd")] : [by("memcached"), by("glockd")];
  return { title, ours: by("Holdfast"), yardstick: by("Redis"), others, targets };
}

function againstOurselves(
  title: string,
  load: Partial<Load>,
  bound: number,
  others: readonly ServerName[],
): Row {
  const by = (server: ServerName) => ({ ...PLAIN, ...load, server });
  const targets = [{ figure: "rate", bound }] as const;
  return { title, ours: by("Holdfast"), yardstick: PLAIN, others: others.map(by), targets };
}

/** The later words beside the old ones, equally many at once. */
function afterHello(depth: number): Row {
  const yardstick = { ...PLAIN, depth };
  return {
    title: `After hello: acquire and release, ${depth} at once`,
    ours: { ...yardstick, isExtended: true },
    yardstick,
    others: [],
    targets: [],
  };
}

export const ROWS: readonly Row[] = [
  againstRedis("TCP, 50 connections", {}, { figure: "rate", bound: 1 }),
  againstRedis("TCP, 50 connections, 16 at once", { depth: 16 }, { figure: "rate", bound: 1.3 }),
  againstRedis("TCP, 50 connections, 128 at once", { depth: 128 }, { figure: "rate", bound: 2.5 }),
  againstRedis(
    "TCP, 1,000 connections",
    { connections: 1000 },
    { figure: "rate", bound: 0.95 },
    { figure: "p99.9", bound: 1.2 },
  ),
  againstRedis("TCP, 5,000 connections", { connections: 5000 }, { figure: "spread", bound: 3 }),
  againstRedis("Unix socket, 50 connections", { door: "unix" }, { figure: "rate", bound: 1 }),
  againstOurselves("WebSocket, 50 connections", { door: "websocket" }, 0.6, ["glockd"]),
  againstOurselves("50 connections on 10 names", { names: 10 }, 0.95, [
    "Redis",
    "memcached",
    "glockd",
  ]),
  againstOurselves("Pools: consume and release", { door: "looky" }, 0.8, []),
  afterHello(1),
  afterHello(16),
  afterHello(128),
];

export function protocolOf({ server, door, isExtended }: Load): Protocol {
  if (door === "looky") return "looky";
  if (isExtended === true) return "extended";
  const protocols = {
    Holdfast: "glockd",
    Redis: "redis",
    memcached: "memcached",
    glockd: "glockd",
  } as const;
  return protocols[server];
}

/** All loads of a row. The first two are to be compared. */
export function loadsOf({ ours, yardstick, others }: Row): readonly Load[] {
  return [ours, yardstick, ...others];
}

/** What the yardstick is called: it is Redis, or Holdfast itself in its plainest use. */
export function yardstickOf({ yardstick }: Row): string {
  return yardstick.server === "Holdfast" ? "Holdfast, plain TCP" : yardstick.server;
}

/** What a load is about: that of its row, unless it only stands beside it. */
export function titleOf(row: Row, load: Load): string {
  const isBeside = load === row.yardstick && load.server === row.ours.server;
  return isBeside ? `${row.title}: plain TCP beside it` : row.title;
}
