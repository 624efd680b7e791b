// deno-lint-ignore-file no-console -- its report goes to the standard output
/**
 * Runs the load generator against a server. It is a process of its own, so that it shares no event
 * loop with other work: this file again, which takes a `LoadOrder` as JSON in its only argument and
 * prints a `LoadReport` as JSON. Linux only.
 */
import { type Endpoint, nowMs } from "../clients/libc.ts";
import { type Latencies, latenciesOf } from "../report/statistics.ts";
import { cpuSeconds } from "../servers/proc.ts";
import { Generator } from "./generator.ts";
import type { Plan } from "./requests.ts";

export interface LoadOrder {
  readonly plan: Plan;
  readonly endpoint: Endpoint;
  readonly serverPid: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
}

export interface LoadReport extends Latencies {
  readonly requestsPerSecond: number;
  readonly grantedPercent: number;
  /** Percent of one core that the generator and the server took. */
  readonly generatorBusyPercent: number;
  readonly serverBusyPercent: number;
}

/** Throws the generator's error when it fails, and when the signal aborts. */
export async function runLoad(order: LoadOrder, signal: AbortSignal): Promise<LoadReport> {
  signal.throwIfAborted();
  const file = new URL(import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", file, JSON.stringify(order)],
    signal,
  }).output();
  signal.throwIfAborted();
  const text = new TextDecoder();
  if (success) return JSON.parse(text.decode(stdout));
  throw new Error(/Error: (.*)/.exec(text.decode(stderr))?.[1] ?? "The load generator failed");
}

function generate({ plan, endpoint, serverPid, warmupSeconds, seconds }: LoadOrder): LoadReport {
  const generator = new Generator(plan);
  const usage = () => ({ atMs: nowMs(), own: cpuSeconds("self"), server: cpuSeconds(serverPid) });
  generator.start(endpoint);
  generator.run(warmupSeconds);
  const before = usage();
  generator.run(seconds);
  const after = usage();
  const passedSeconds = (after.atMs - before.atMs) / 1000;
  return {
    ...latenciesOf(generator.latencies()),
    requestsPerSecond: generator.requests / passedSeconds,
    grantedPercent: generator.grantedPercent,
    generatorBusyPercent: 100 * (after.own - before.own) / passedSeconds,
    serverBusyPercent: 100 * (after.server - before.server) / passedSeconds,
  };
}

if (import.meta.main) {
  console.log(JSON.stringify(generate(JSON.parse(Deno.args[0] ?? ""))));
  Deno.exit(0); // without closing thousands of connections one by one
}
