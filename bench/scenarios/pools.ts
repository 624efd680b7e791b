/**
 * How pools scale: the rate of requests with 100 and with 1,000,000 sessions, with 10 and with 10,000
 * resources, for every seed method, and the memory of a session.
 */
import { Connection } from "../clients/connection.ts";
import { SEEDS } from "../../lib/state/pools/model.ts";
import type { Protocol } from "../load/requests.ts";
import { runLoad } from "../load/main.ts";
import type { Context } from "../options.ts";
import * as format from "../report/format.ts";
import type { Section } from "../report/page.ts";
import { type Spread, spreadOf } from "../report/statistics.ts";
import { memoryBytes } from "../servers/proc.ts";
import { sendNumbered, TestBed } from "./test_bed.ts";

const PLAN = { isWebSocket: false, connections: 4, depth: 64 };
/** Free units in every resource, so that new consumers always find one. */
const SPARE_UNITS = 100;
/** The consumers that come and go while the others stay. */
const GUESTS = 256;
/** With fewer sessions the memory of the runtime outweighs theirs. */
const SESSIONS_FOR_MEMORY = 10_000;
const HOW = `Over a Unix socket, ${PLAN.connections} connections, ${PLAN.depth} requests at once.
Renewals are of random sessions among all; consumes and releases are of ${GUESTS} others that come
and go. Values of one run compare with each other, not with other machines.`;

export async function pools(context: Context): Promise<readonly Section[]> {
  const many = context.isQuick ? 20_000 : 1_000_000;
  const sizes = [[10, 100], [10, many], [many / 100, many]] as const;
  const rows: string[][] = [];
  for (const seed of SEEDS) {
    for (const [resources, sessions] of sizes) {
      context.progress(`${seed}, ${resources} resources, ${sessions} sessions`);
      rows.push(await measure(seed, resources, sessions, context));
    }
  }
  const rates = ["renewals a second", "consumes and releases a second"];
  const header = ["seed", "resources", "sessions", ...rates, "memory of a session"];
  return [{ text: HOW, header, rows }];
}

async function measure(
  seed: string,
  resources: number,
  sessions: number,
  context: Context,
): Promise<string[]> {
  const units = Math.ceil(sessions / resources) + SPARE_UNITS;
  await using bed = await TestBed.open(context, undefined, [
    "add-pool bench",
    `set-seed bench ${seed}`,
    "set-mode bench queued",
    ...Array.from({ length: resources }, (_, i) => `set-resource bench host-${i} ${units}`),
  ]);
  using connection = new Connection(bed.endpoint("lookyUnix"));
  const emptyBytes = memoryBytes(bed.server.pid);
  sendNumbered(connection, "consume bench user-#", sessions);
  const bytes = (memoryBytes(bed.server.pid) - emptyBytes) / sessions;
  const renewals = await rate(bed, "renew", sessions, context);
  const changes = await rate(bed, "looky", GUESTS, context);
  return [
    seed,
    format.count(resources),
    format.count(sessions),
    format.spread(renewals, format.rate, format.rate),
    format.spread(changes, format.rate, format.rate),
    sessions < SESSIONS_FOR_MEMORY ? "" : `${Math.round(bytes)} B`,
  ];
}

async function rate(
  bed: TestBed,
  protocol: Protocol,
  names: number,
  { isQuick, rounds = 1, seconds = isQuick ? 0.5 : 2, signal }: Context,
): Promise<Spread | undefined> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { requestsPerSecond } = await runLoad({
      plan: { ...PLAN, protocol, names },
      endpoint: bed.endpoint("lookyUnix"),
      serverPid: bed.server.pid,
      warmupSeconds: 0.5,
      seconds,
    }, signal);
    rates.push(requestsPerSecond);
  }
  return spreadOf(rates);
}
