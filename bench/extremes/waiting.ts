/** Very many who wait for one lock: what one takes of memory, half of them gone at once, all served. */
import { descriptorsMax } from "../sockets/machine.ts";
import { waitOf } from "./figures.ts";
import { settledBytes } from "./memory.ts";
import type { DrainAnswer, JoinAnswer, ThinAnswer } from "./orders.ts";
import { type Circumstance, type Scenario, Stage } from "./stage.ts";

const WAITER_KIB_MAX = 20;
const GONE_MS_MAX = 1000;
const OTHERS_P99_MS_MAX = 50;
/** What a process needs of descriptors beside its connections. */
const SPARE_DESCRIPTORS = 200;
/** More than these, and the ports of one address run out: they come by the Unix socket then. */
const TCP_MAX = 25_000;
/** After so many, what the server makes once is made. */
const WARMING = 50;
const KIB = 1024;

/** As many as are wanted and possible, in the server and in the one process of the clients. */
function feasible({ sizes: { waiters }, note }: Circumstance): number {
  const most = descriptorsMax() - SPARE_DESCRIPTORS;
  if (waiters <= most) return waiters;
  note(`"ulimit -n" allows ${most + SPARE_DESCRIPTORS} descriptors: ${most} who wait only`);
  return most;
}

export const waiting: Scenario = async (given) => {
  const { signal } = given;
  const waiters = feasible(given);
  await using stage = await Stage.open(signal);
  const { holder, server: { pid, doors }, meanwhile } = stage;
  const place = waiters > TCP_MAX ? doors.unix! : doors.tcp!;
  await holder.ask({ kind: "greet", place, count: WARMING });
  await holder.ask({ kind: "join" });
  const before = await settledBytes(pid, signal);
  const more = waiters - WARMING;
  await holder.ask({ kind: "greet", place, count: more });
  const greeted = await settledBytes(pid, signal);
  const coming = `${count(more)} begin to wait`;
  const { joinedMs } = await stage.watch(coming, () => holder.ask<JoinAnswer>({ kind: "join" }));
  // They have asked before others do: who comes later stands behind as many requests.
  const waits = [...waitOf(stage.last, undefined)];
  const full = await settledBytes(pid, signal);
  const going = `${count(waiters >> 1)} who wait are reset`;
  const { closedMs, goneMs } = await stage.watch(
    going,
    () => holder.ask<ThinAnswer>({ kind: "thin" }),
  );
  waits.push(...waitOf(stage.last, OTHERS_P99_MS_MAX));
  const left = waiters - (waiters >> 1);
  const serving = `${count(left)} are granted, one after the other`;
  const { drainedMs } = await stage.watch(
    serving,
    () => holder.ask<DrainAnswer>({ kind: "drain" }),
  );
  waits.push(...waitOf(stage.last, OTHERS_P99_MS_MAX));
  const figures = [
    {
      what: `memory for each of ${count(waiters)} who wait, its connection included`,
      value: (full - before) / more / KIB,
      unit: "KiB",
      bound: WAITER_KIB_MAX,
    },
    { what: "of that, for its waiting", value: (full - greeted) / more / KIB, unit: "KiB" },
    { what: `${coming}: all after`, value: joinedMs, unit: "ms" },
    { what: `${going}: the last of them after`, value: closedMs, unit: "ms" },
    { what: `${going}: gone after`, value: goneMs, unit: "ms", bound: GONE_MS_MAX },
    { what: `${serving}: all after`, value: drainedMs, unit: "ms" },
    { what: `${serving}: grants`, value: left / drainedMs * 1000, unit: "a second" },
    ...waits,
  ] as const;
  return { figures, meanwhile };
};

function count(value: number): string {
  return value.toLocaleString("en");
}
