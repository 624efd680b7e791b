// deno-lint-ignore-file no-console -- its results go to the standard output
/**
 * The latency probe: other clients, in a process of their own, that acquire and release a lock each
 * (see report/figures.ts). Prints a line when it is warm, and from then on records latencies until
 * its standard input ends; then it prints them as JSON. Takes the server's port. Linux only.
 */
import { PacedClients, WATCHED } from "../clients/paced_clients.ts";
import { nowMs } from "../clients/libc.ts";
import { PROBE_CLIENTS, PROBE_INTERVAL_MS } from "../report/figures.ts";

const STDIN = 0;
/** Until then all of the probe is compiled. */
const WARM_UP_MS = 1000;
const STALLED_MS = 60_000;

const requests = new Int32Array(PROBE_CLIENTS);
const clients = new PacedClients({
  endpoint: Number(Deno.args[0]),
  clients: PROBE_CLIENTS,
  intervalMs: PROBE_INTERVAL_MS,
  requestOf: (client) => `${(requests[client]!++ & 1) === 0 ? "g" : "r"} probe:${client}\n`,
});
clients.watch(STDIN);

let latencies: number[] = [];
const warmAtMs = nowMs() + WARM_UP_MS;
let isWarm = false;
let isStopping = false;
while (!isStopping || clients.awaitsReply) {
  const client = clients.next(STALLED_MS);
  if (client === WATCHED) {
    isStopping = true;
    clients.stop();
  } else if (client >= 0) latencies.push(clients.read(client).latencyMs);
  else throw new Error("No reply in 60 s");
  if (!isWarm && nowMs() > warmAtMs) {
    isWarm = true;
    latencies = [];
    console.log("warm");
  }
}
console.log(JSON.stringify(latencies));
Deno.exit(0);
