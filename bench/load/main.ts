// deno-lint-ignore-file no-console -- its report goes to the standard output
/**
 * Makes load on one server and reports what came back, as a process of its own: it must not share a
 * core with whoever started it. Linux only.
 *
 *     deno run --allow-all bench/load/main.ts --port 9999 --connections 50 --depth 16
 *
 * traffic.ts tells what is said, generator.ts what is measured.
 */
import { parseArgs } from "node:util";
import { busySeconds } from "./busy.ts";
import { openCalls } from "./calls.ts";
import { Generator } from "./generator.ts";
import { latencyFigures, type Report } from "./report.ts";
import { DIALECTS, type Protocol } from "./traffic.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    unix: { type: "string" },
    protocol: { type: "string", default: "glockd" },
    websocket: { type: "boolean", default: false },
    connections: { type: "string", default: "50" },
    depth: { type: "string", default: "1" },
    names: { type: "string", default: "0" },
    warmup: { type: "string", default: "1" },
    seconds: { type: "string", default: "3" },
    "server-pid": { type: "string" },
  },
});

if (!Object.hasOwn(DIALECTS, values.protocol)) throw new Error("Unknown protocol");
const calls = openCalls();
const generator = new Generator(calls, {
  protocol: values.protocol as Protocol,
  isWebSocket: values.websocket,
  connections: Number(values.connections),
  depth: Number(values.depth),
  names: Number(values.names),
});
const server = values["server-pid"];

/** Busy seconds so far of the generator and of the server, beside the time. */
function look(): { atMs: number; load: number; server: number } {
  return {
    atMs: calls.nowMs(),
    load: busySeconds("self"),
    server: server === undefined ? 0 : busySeconds(Number(server)),
  };
}

generator.start(values.unix ?? Number(values.port ?? 9999));
generator.run(Number(values.warmup));
const before = look();
generator.run(Number(values.seconds));
const after = look();

const passedSeconds = (after.atMs - before.atMs) / 1000;
const percent = (busy: number) => 100 * busy / passedSeconds;
const report: Report = {
  requestsPerSecond: generator.requests / passedSeconds,
  ...latencyFigures(generator.latencies()),
  grantedPercent: generator.grantedPercent,
  loadBusyPercent: percent(after.load - before.load),
  serverBusyPercent: server === undefined ? null : percent(after.server - before.server),
};
console.log(JSON.stringify(report));
Deno.exit(0); // without taking leave of thousands of connections one by one
