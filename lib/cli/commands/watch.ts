/** `holdfast watch [PREFIX]`: prints a line for each event of a lock, until Ctrl-C. */
import type { ParsedArguments } from "../../args/parse.ts";
import type { WatchEvent } from "../../client/mod.ts";
import { connectLocks } from "../connect.ts";
import { locksUrl } from "../defaults.ts";
import { formatDuration, formatTimeOfDay } from "../durations.ts";
import { EXIT } from "../exit_codes.ts";
import { harmless } from "../terminal_text.ts";
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

/** Returns "14:02:11 acquire  backup  alice@build-7:4711, exclusive, after 12s: nightly". */
export function lineOf(event: WatchEvent): string {
  if (event.event === "lost") {
    return `-------- ${event.count === 0 ? "some" : event.count} events are missing here`;
  }
  const head = `${formatTimeOfDay(event.at)} ${event.event.padEnd(7)}  ${harmless(event.name)}  `;
  return head + detailsOf(event);
}

function detailsOf(event: Exclude<WatchEvent, { event: "lost" }>): string {
  const why = "why" in event && event.why !== undefined ? `: ${harmless(event.why)}` : "";
  switch (event.event) {
    case "acquire": {
      const after = event.waited ? `, after ${formatDuration(event.waited)}` : "";
      return `${harmless(event.holder)}, ${event.mode}${after}${why}`;
    }
    case "release":
      return `${harmless(event.holder)}, ${event.cause}${why}`;
    case "wait":
      return `${harmless(event.holder)}, ${event.mode}, ${event.queue} in the queue${why}`;
    case "timeout":
    case "leave":
      return `${harmless(event.holder)}, after ${formatDuration(event.waited)}`;
    case "force":
      return `by ${harmless(event.by)}, from ${event.count}${why}`;
  }
}
