/** Very many connections: what an idle one takes of memory, and thousands that are gone at once. */
import { descriptorsMax } from "../sockets/machine.ts";
import { waitOf } from "./figures.ts";
import { settledBytes } from "./memory.ts";
import type { ResetAnswer } from "./orders.ts";
import { PROBERS } from "./probe.ts";
import { type Circumstance, type Scenario, Stage } from "./stage.ts";

const CONNECTION_KIB_MAX = 20;
const FREE_MS_MAX = 1000;
const OTHERS_P99_MS_MAX = 50;
/** What a process needs of descriptors beside its connections. */
const SPARE_DESCRIPTORS = 200;
/** After so many, what the server makes once is made. */
const WARMING = 50;
const KIB = 1024;

/** As many connections as are wanted and possible. */
function feasible({ sizes: { connections }, note }: Circumstance): number {
  const most = descriptorsMax() - SPARE_DESCRIPTORS;
  if (connections <= most) return connections;
  note(`"ulimit -n" allows ${most + SPARE_DESCRIPTORS} descriptors: ${most} connections only`);
  return most;
}

export const idle: Scenario = async (given) => {
  const { sizes: { locksEach }, signal } = given;
  const connections = feasible(given);
  await using stage = await Stage.open(signal);
  const { holder, server: { pid }, meanwhile } = stage;
  await holder.ask({ kind: "hold", connections: WARMING, locksEach });
  const before = await settledBytes(pid, signal);
  await holder.ask({ kind: "hold", connections, locksEach });
  const after = await settledBytes(pid, signal);
  const figures = [{
    what: `memory for each of ${count(connections)} connections with ${locksEach} locks`,
    value: (after - before) / connections / KIB,
    unit: "KiB",
    bound: CONNECTION_KIB_MAX,
  }] as const;
  return { figures, meanwhile };
};

export const reset: Scenario = async (given) => {
  const { sizes: { locksEach, resets }, signal } = given;
  const connections = feasible(given);
  const resetting = Math.min(resets, connections);
  await using stage = await Stage.open(signal);
  const { holder, meanwhile } = stage;
  await holder.ask({ kind: "hold", connections, locksEach });
  const locksLeft = (connections - resetting) * locksEach + PROBERS;
  const during = `${count(resetting)} connections are reset`;
  const { closedMs, freeMs } = await stage.watch(
    during,
    () => holder.ask<ResetAnswer>({ kind: "reset", count: resetting, locksLeft }),
  );
  const figures = [
    { what: `${during}: the last of them after`, value: closedMs, unit: "ms" },
    {
      what: `${count(resetting * locksEach)} locks are free after`,
      value: freeMs,
      unit: "ms",
      bound: FREE_MS_MAX,
    },
    ...waitOf(stage.last, OTHERS_P99_MS_MAX),
  ] as const;
  return { figures, meanwhile };
};

function count(value: number): string {
  return value.toLocaleString("en");
}
