/** `holdfast watch [PREFIX]`: prints a line for each event of a lock, until Ctrl-C. */
import type { ParsedArguments } from "../../args/parse.ts";
import type { WatchEvent } from "../../client/mod.ts";
import { connectLocks } from "../connect.ts";
import { locksUrl } from "../defaults.ts";
import { formatDuration, formatTimeOfDay } from "../durations.ts";
import { EXIT } from "../exit_codes.ts";
import { escapeControls } from "../terminal_text.ts";
import { print } from "../usage.ts";

export async function watch(args: ParsedArguments): Promise<number> {
  await using client = await connectLocks(locksUrl(args.text("url")), {});
  const format = args.boolean("json") ? JSON.stringify : lineOf;
  for await (const event of client.watch(args.operands[0])) {
    const status = await print(`${format(event)}\n`);
    if (status !== EXIT.ok) return status;
  }
  return EXIT.unreachable;
}

/** Returns, for example, "14:02:11 acquire  backup  alice, exclusive, after 12s: nightly". */
export function lineOf(event: WatchEvent): string {
  if (event.event === "lost") {
    return `-------- ${event.count === 0 ? "some" : event.count} events are missing here`;
  }
  const lock = escapeControls(event.name);
  const head = `${formatTimeOfDay(event.at)} ${event.event.padEnd(7)}  ${lock}  `;
  return head + detailsOf(event);
}

function detailsOf(event: Exclude<WatchEvent, { event: "lost" }>): string {
  const why = "why" in event && event.why !== undefined ? `: ${escapeControls(event.why)}` : "";
  switch (event.event) {
    case "acquire": {
      const after = event.waited ? `, after ${formatDuration(event.waited)}` : "";
      return `${escapeControls(event.holder)}, ${event.mode}${after}${why}`;
    }
    case "release":
      return `${escapeControls(event.holder)}, ${event.cause}${why}`;
    case "wait":
      return `${escapeControls(event.holder)}, ${event.mode}, ${event.queue} in the queue${why}`;
    case "timeout":
    case "leave":
      return `${escapeControls(event.holder)}, after ${formatDuration(event.waited)}`;
    case "force":
      return `by ${escapeControls(event.by)}, from ${event.count}${why}`;
  }
}
