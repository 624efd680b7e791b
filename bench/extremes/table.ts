/** Very many locks: listings of all of them, and their owner's departure. */
import { type Figure, waitOf } from "./figures.ts";
import { forgetPeak, residentBytes, settledBytes } from "./memory.ts";
import type { LeaveAnswer, ListAnswer } from "./orders.ts";
import { PROBERS } from "./probe.ts";
import { type Scenario, Stage } from "./stage.ts";
import { pause } from "./pause.ts";

const OTHERS_P99_MS_MAX = 20;
const MIB = 1024 * 1024;
/** What nobody locks; its reply tells that a listing was whole. */
const LAST = { last: "i nobody-has-this", reply: "0 Lock Not Locked: nobody-has-this" };
/** How long to look at others when the departure is over. */
const AFTERMATH_MS = 2000;
/** Exclusive and shared locks, how each are taken and listed. */
const KINDS = [
  { take: "g lock-number-#", listings: ["d", "dump"] },
  { take: "sg lock-number-#", listings: ["sd", "dump shared"] },
];

export const listing: Scenario = async ({ sizes: { locks }, signal }) => {
  const figures: Figure[] = [];
  const meanwhile = [];
  for (const { take, listings } of KINDS) {
    await using stage = await Stage.open(signal);
    await stage.holder.ask({ kind: "say", port: portOf(stage), line: take, count: locks });
    for (const line of listings) {
      await settledBytes(stage.server.pid, signal);
      figures.push(...await listOne(stage, line));
    }
    meanwhile.push(...stage.meanwhile);
  }
  return { figures, meanwhile };
};

async function listOne(stage: Stage, line: string): Promise<readonly Figure[]> {
  const { holder, server: { pid } } = stage;
  const order = { kind: "list", port: portOf(stage), line, ...LAST } as const;
  const { grownBytes, bytes, ms } = await stage.watch(`"${line}"`, async () => {
    const before = residentBytes(pid);
    forgetPeak(pid);
    const answer = await holder.ask<ListAnswer>(order);
    return { ...answer, grownBytes: residentBytes(pid, "VmHWM") - before };
  });
  return [
    { what: `"${line}": size`, value: bytes / MIB, unit: "MiB" },
    { what: `"${line}": time`, value: ms, unit: "ms" },
    {
      what: `"${line}": peak memory grows by, of its size`,
      value: grownBytes / bytes,
      unit: "x",
      bound: 1,
    },
    ...waitOf(stage.last, OTHERS_P99_MS_MAX),
  ];
}

export const departure: Scenario = async ({ sizes: { locks }, signal }) => {
  await using stage = await Stage.open(signal);
  const { holder, meanwhile } = stage;
  await holder.ask({ kind: "say", port: portOf(stage), line: KINDS[0]!.take, count: locks });
  await settledBytes(stage.server.pid, signal);
  const during = "the owner leaves";
  const { freeMs, countedMs } = await stage.watch(during, () =>
    holder.ask<LeaveAnswer>({
      kind: "leave",
      lock: `lock-number-${locks - 1}`,
      locksLeft: PROBERS,
    }));
  const figures: Figure[] = [
    { what: `${during}: the locks are free after`, value: freeMs, unit: "ms" },
    { what: `${during}: "q", a look at all, tells so after`, value: countedMs, unit: "ms" },
    ...waitOf(stage.last, undefined),
  ];
  await stage.watch("the seconds after", () => pause(AFTERMATH_MS, signal));
  return { figures: [...figures, ...waitOf(stage.last, undefined)], meanwhile };
};

function portOf({ server }: Stage): number {
  return Number(server.doors.tcp);
}
