/**
 * Holdfast beside Redis, memcached and glockd over sockets. All servers run at once on loopback; the
 * load generator drives one at a time with the same traffic.
 */
import { type LoadReport, runLoad } from "../load/main.ts";
import type { Context } from "../options.ts";
import * as format from "../report/format.ts";
import type { Section } from "../report/page.ts";
import { type ServerName, SERVERS } from "../servers/programs.ts";
import { type Server, Servers } from "../servers/servers.ts";
import { socketSections } from "./sockets_results.ts";
import { type Load, ROWS } from "./sockets_rows.ts";
import { connectionsMax } from "./test_bed.ts";

export async function sockets(context: Context): Promise<readonly Section[]> {
  const { isQuick, signal, note } = context;
  const rounds = context.rounds ?? (isQuick ? 1 : 5);
  const seconds = context.seconds ?? (isQuick ? 1 : 3);
  await using servers = new Servers();
  const started = new Map<ServerName, Server>();
  for (const name of SERVERS) {
    signal.throwIfAborted();
    const server = await servers.start(name);
    if (server === undefined) note(`${name} is not on PATH: skipped`);
    else started.set(name, server);
  }
  note([...started.values()].map(({ label }) => label).join(", "));
  note(`Rounds: ${rounds}, of ${seconds} s for each load`);
  const rows = ROWS.filter(({ title, loads: [{ connections }] }) => {
    if (connections <= connectionsMax()) return true;
    note(`${title}: skipped, "ulimit -n" allows ${format.count(connectionsMax())} connections`);
    return false;
  });
  const measured = rows.map((row) => ({
    row,
    rounds: row.loads.map((): (LoadReport | undefined)[] => []),
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { row, rounds } of measured) {
      for (const i of row.loads.keys()) {
        // Each round starts with another load, so that none is always the first.
        const index = (i + round) % row.loads.length;
        const load = row.loads[index]!;
        const server = started.get(load.server);
        const title = `round ${round + 1}, ${row.title}: ${load.server}`;
        rounds[index]![round] = server && await measure(load, server, seconds, title, context);
      }
    }
  }
  return socketSections(measured);
}

/** Returns undefined for a load that fails, and notes why: the other loads still count. */
async function measure(
  { protocol, listener, connections, depth, names }: Load,
  server: Server,
  seconds: number,
  title: string,
  { isQuick, signal, note, progress }: Context,
): Promise<LoadReport | undefined> {
  const order = {
    plan: { protocol, isWebSocket: listener === "websocket", connections, depth, names },
    endpoint: server.listeners[listener]!,
    serverPid: server.pid,
    warmupSeconds: isQuick ? 0.5 : 1,
    seconds,
  };
  try {
    const report = await runLoad(order, signal);
    const busy = [report.serverBusyPercent, report.generatorBusyPercent].map(format.percent);
    const rate = format.rate(report.requestsPerSecond);
    progress(`${title}: ${rate}/s, server busy ${busy[0]}, generator ${busy[1]}`);
    return report;
  } catch (error) {
    signal.throwIfAborted();
    note(`${title}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
