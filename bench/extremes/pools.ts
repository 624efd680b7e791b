/** Very many consumers of one resource: what shows them, and giving back all of them at once. */
import { type Figure, waitOf } from "./figures.ts";
import { settledBytes } from "./memory.ts";
import type { ListAnswer } from "./orders.ts";
import { type Scenario, Stage } from "./stage.ts";

const MIB = 1024 * 1024;
/** Ends the connection when all before it is answered. */
const LAST = { last: "exit", reply: "LOOKY/1.0 200 OK" };
/** The pool and the resource that the server is started with. */
const SHOWING = [
  "print-resource bench host-1",
  "!print-resource bench host-1",
  "print-pool bench",
  "print-consumer bench user-1",
];
const ENDING = "clear bench";

export const pools: Scenario = async ({ sizes: { consumers }, signal }) => {
  await using stage = await Stage.open(signal);
  const { holder, server: { doors, pid }, meanwhile } = stage;
  const port = Number(doors.looky);
  await holder.ask({ kind: "say", port, line: "consume bench user-#", count: consumers });
  const figures: Figure[] = [];
  for (const line of [...SHOWING, ENDING]) {
    await settledBytes(pid, signal);
    const during = `"${line}"`;
    const { bytes, ms } = await stage.watch(
      during,
      () => holder.ask<ListAnswer>({ kind: "list", port, line, ...LAST }),
    );
    figures.push(
      { what: `${during}: size`, value: bytes / MIB, unit: "MiB" },
      { what: `${during}: time`, value: ms, unit: "ms" },
      ...waitOf(stage.last, undefined),
    );
  }
  return { figures, meanwhile };
};
