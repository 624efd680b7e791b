/** 2.5 General commands: halt exit status save help. Contract: docs/protocol/looky.md. */
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import { FinalReply, type Reply } from "../../dispatch/reply.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import type { CommandRequest } from "../../wire/dialect.ts";
import { Code, writeError, writeLines, writeNative, writeOk } from "../../wire/looky.ts";
import { buildDate, version } from "../../version.ts";
import { padColumns } from "../../columns.ts";
import { mapLines } from "./text_format.ts";

/** The release of Looky whose documentation Holdfast follows. */
const LOOKY_VERSION = "1.0.7";

function halt(_: CommandRequest, { isLocal, program, trace }: Context): Reply {
  if (isLocal || program.allowHalt) {
    trace?.("halt");
    return new FinalReply(writeOk(), "halt");
  }
  const message = "halt is taken from this machine only, and from no web page; " +
    "start the server with -allow-halt to take it from anywhere";
  return writeError(Code.notAllowed, message);
}

function status({ native }: CommandRequest, { engine, owner, program }: Context): Outcome<Reply> {
  const { clock, startedMs } = program;
  const state = engine.read("pools", ({ pools }, { nowMs }) => ({
    dirty: Number(pools.revision !== pools.savedRevision),
    uptimeMs: nowMs - startedMs,
    "have-master": Number(pools.master !== undefined),
    version: `holdfast/${version} (looky ${LOOKY_VERSION}) (${
      buildDate(clock.unixSeconds(startedMs))
    })`,
    "you-are-master": Number(pools.master === owner),
  }));
  return after(state, ({ dirty, uptimeMs, ...rest }) => {
    const uptime = Math.floor(uptimeMs / 1000);
    if (native) return writeNative(() => [JSON.stringify({ status: { dirty, uptime, ...rest } })]);
    const entries = Object.entries({ dirty, uptime: durationText(uptimeMs), ...rest });
    return writeLines(mapLines("status", entries));
  });
}

/** Returns "12.00 sec", "1.33 min" up to an hour, then "5.00 h". */
function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(2)} sec`;
  return seconds < 3600 ? `${(seconds / 60).toFixed(2)} min` : `${(seconds / 3600).toFixed(2)} h`;
}

async function save(_: CommandRequest, { program, trace }: Context): Promise<Reply> {
  const saved = await program.save();
  trace?.(`save: ${saved.kind}`);
  switch (saved.kind) {
    case "saved":
      return writeOk();
    case "nowhere":
      return writeError(Code.conflict, "no file was loaded; start the server with -conf FILE");
    case "unfit":
      return writeError(Code.conflict, saved.why);
    case "failed":
      return writeError(Code.failed, `the file was not written: ${saved.why}`);
  }
}

function help(_: CommandRequest, { commands }: Context): Reply {
  const rows = [...commands].map(({ command: { usage, needs = [], native, summary } }) => {
    const form = [usage, ...needs, ...(native ? ["(!)"] : [])].join(" ");
    return [form, summary];
  });
  return writeLines([
    ...padColumns(rows).map((row) => row.join("  ").trimEnd()),
    "(m): while there is a master, only for the master. (M): always only for the master.",
    "(!): with a ! before the command, the reply is JSON.",
  ]);
}

export const general: readonly Command[] = [
  { usage: "halt", summary: "Stop the server.", run: halt },
  {
    usage: "exit",
    summary: "Close this connection.",
    run: () => new FinalReply(writeOk(), "close"),
  },
  {
    usage: "status",
    summary: "Show the state of the server and of this connection.",
    native: true,
    run: status,
  },
  { usage: "save", summary: "Write the pools to the file they came from.", run: save },
  { usage: "help", summary: "List all commands.", run: help },
];
