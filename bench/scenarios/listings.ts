/**
 * A million locks and a million consumers: listings of all of them, and the departure of an owner
 * that holds all the locks.
 */
import { Connection } from "../clients/connection.ts";
import { block, type Endpoint, nowMs } from "../clients/libc.ts";
import type { Context } from "../options.ts";
import { FigureReport } from "../report/figures.ts";
import type { Section } from "../report/page.ts";
import { memoryBytes, resetPeak, settledBytes } from "../servers/proc.ts";
import { sendNumbered, TestBed } from "./test_bed.ts";

const OTHERS_P99_MS_MAX = 20;
const MIB = 1024 * 1024;
/** How long other clients are observed after the departure. */
const AFTERMATH_MS = 2000;
const LOOK_MS = 1;
/** A request whose reply tells that the listing ahead of it is whole. */
type Last = Readonly<Record<"request" | "reply", string>>;
const LAST_LOCK: Last = { request: "i never-held", reply: "0 Lock Not Locked: never-held" };
const LAST_POOL: Last = { request: "exit", reply: "LOOKY/1.0 200 OK" };
/** Exclusive and shared locks: the request that acquires one, and those that list them. */
const KINDS = [
  { acquire: "g lock-number-#", listings: ["d", "dump"], ownerLeaves: true },
  { acquire: "sg lock-number-#", listings: ["sd", "dump shared"], ownerLeaves: false },
];
const POOL_REQUESTS = [
  "print-resource bench host-1",
  "!print-resource bench host-1",
  "print-pool bench",
  "print-consumer bench user-1",
  "clear bench",
];

export async function locks(context: Context): Promise<readonly Section[]> {
  const total = context.isQuick ? 100_000 : 1_000_000;
  const report = new FigureReport();
  for (const { acquire, listings, ownerLeaves } of KINDS) {
    await using bed = await TestBed.open(context, report);
    const { pid } = bed.server;
    const owner = new Connection(bed.endpoint("tcp"));
    sendNumbered(owner, acquire, total);
    for (const listing of listings) {
      await settledBytes(pid, context.signal);
      const { bytes, grownBytes } = await bed.observe(`"${listing}"`, () => {
        const before = memoryBytes(pid);
        resetPeak(pid);
        const bytes = list(report, bed.endpoint("tcp"), listing, LAST_LOCK);
        return { bytes, grownBytes: memoryBytes(pid, "VmHWM") - before };
      }, OTHERS_P99_MS_MAX);
      report.add(`"${listing}": growth of peak memory, by its size`, grownBytes / bytes, "x", 1);
    }
    if (ownerLeaves) await leave(owner, `lock-number-${total - 1}`, bed, report);
    else owner.close();
  }
  return report.sections();
}

/** Asks for a listing on a connection of its own and reads it to its end. Returns its size. */
function list(report: FigureReport, endpoint: Endpoint, listing: string, last: Last): number {
  using connection = new Connection(endpoint);
  const startMs = nowMs();
  connection.send(`${listing}\n${last.request}\n`);
  connection.closeWrite();
  const { bytes, tail } = connection.readToEnd();
  report.add(`"${listing}": time`, nowMs() - startMs, "ms");
  report.add(`"${listing}": size`, bytes / MIB, "MiB");
  if (!tail.trimEnd().endsWith(last.reply)) throw new Error(`"${listing}" ended early: ...${tail}`);
  return bytes;
}

/** Closes the owner of all locks. */
async function leave(
  owner: Connection,
  lastLock: string,
  bed: TestBed,
  report: FigureReport,
): Promise<void> {
  const { freeMs, countedMs } = await bed.observe("the owner leaves", () => {
    const startMs = nowMs();
    owner.close();
    while (bed.observer.ask(`i ${lastLock}`).startsWith("1")) block(LOOK_MS);
    const freeMs = nowMs() - startMs;
    bed.awaitLocks(0);
    return { freeMs, countedMs: nowMs() - startMs };
  });
  report.add("the owner leaves: its locks are free after", freeMs, "ms");
  report.add('the owner leaves: "q" counts none of them after', countedMs, "ms");
  await bed.observe("the seconds after", () => block(AFTERMATH_MS));
}

export async function consumers(context: Context): Promise<readonly Section[]> {
  const report = new FigureReport();
  await using bed = await TestBed.open(context, report);
  const endpoint = bed.endpoint("looky");
  using connection = new Connection(endpoint);
  sendNumbered(connection, "consume bench user-#", context.isQuick ? 100_000 : 1_000_000);
  for (const request of POOL_REQUESTS) {
    await settledBytes(bed.server.pid, context.signal);
    await bed.observe(`"${request}"`, () => list(report, endpoint, request, LAST_POOL));
  }
  return report.sections();
}
