/**
 * What the scenario `sockets` measures and what Holdfast has to reach: a row for each question. Pure
 * data.
 *
 * A row compares its first load with its baseline, which runs next to it in every round: on a machine
 * with neighbours, values taken minutes apart do not compare.
 */
import type { Protocol } from "../load/requests.ts";
import type { ListenerName, ServerName } from "../servers/programs.ts";

export interface Load {
  readonly server: ServerName;
  readonly protocol: Protocol;
  readonly listener: ListenerName;
  readonly connections: number;
  /** Requests that a connection sends before any reply. */
  readonly depth: number;
  /** How many names all connections share; 0 gives each connection a name of its own. */
  readonly names: number;
}

export interface Target {
  /** `spread` is the longest by the median latency; the others are compared with the baseline. */
  readonly measure: "rate" | "p99.9" | "spread";
  readonly bound: number;
}

export interface Row {
  readonly title: string;
  /** Holdfast's load, the baseline, and others that can do the same, for information. */
  readonly loads: readonly [Load, Load, ...Load[]];
  readonly targets: readonly Target[];
}

type Changes = Partial<Load>;

function loadOf(server: ServerName, changes: Changes = {}): Load {
  const protocols = {
    Holdfast: "glockd",
    Redis: "redis",
    memcached: "memcached",
    glockd: "glockd",
  };
  const protocol = protocols[server] as Protocol;
  return { server, protocol, listener: "tcp", connections: 50, depth: 1, names: 0, ...changes };
}

/** Compares with Redis. */
function besideRedis(title: string, changes: Changes, ...targets: readonly Target[]): Row {
  const [ours, redis] = [loadOf("Holdfast", changes), loadOf("Redis", changes)];
  // memcached listens on a Unix socket or on TCP, never on both.
  const memcached = changes.listener === "unix" ? [] : [loadOf("memcached", changes)];
  return { title, loads: [ours, redis, ...memcached, loadOf("glockd", changes)], targets };
}

/** Compares with glockd commands to Holdfast over TCP, as many at once. */
function besidePlain(
  title: string,
  changes: Changes,
  bound?: number,
  ...others: ServerName[]
): Row {
  const plain = loadOf("Holdfast", { depth: changes.depth ?? 1 });
  const rest = others.map((server) => loadOf(server, changes));
  const targets = bound === undefined ? [] : [{ measure: "rate", bound } as const];
  return { title, loads: [loadOf("Holdfast", changes), plain, ...rest], targets };
}

export const ROWS: readonly Row[] = [
  besideRedis("TCP, 50 connections", {}, { measure: "rate", bound: 1 }),
  besideRedis("TCP, 50 connections, 16 at once", { depth: 16 }, { measure: "rate", bound: 1.3 }),
  besideRedis("TCP, 50 connections, 128 at once", { depth: 128 }, { measure: "rate", bound: 2.5 }),
  besideRedis(
    "TCP, 1,000 connections",
    { connections: 1000 },
    { measure: "rate", bound: 0.95 },
    { measure: "p99.9", bound: 1.2 },
  ),
  besideRedis("TCP, 5,000 connections", { connections: 5000 }, { measure: "spread", bound: 3 }),
  besideRedis("Unix socket, 50 connections", { listener: "unix" }, { measure: "rate", bound: 1 }),
  besidePlain("WebSocket, 50 connections", { listener: "websocket" }, 0.6, "glockd"),
  besidePlain("50 connections on 10 names", { names: 10 }, 0.95, "Redis", "memcached", "glockd"),
  besidePlain("Pools: consume and release", { listener: "looky", protocol: "looky" }, 0.8),
  ...[1, 16, 128].map((depth) =>
    besidePlain(`After hello: acquire and release, ${depth} at once`, {
      depth,
      protocol: "extended",
    })
  ),
];

/** Returns how the baseline is called: it is Redis, or Holdfast itself in its plainest use. */
export function baselineOf({ loads: [, baseline] }: Row): string {
  return baseline.server === "Holdfast" ? "Holdfast, plain TCP" : baseline.server;
}
