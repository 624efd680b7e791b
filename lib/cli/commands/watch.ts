/** `holdfast watch [PREFIX]`: a line for each thing that happens to a lock, until Ctrl-C. */
import type { WatchEvent } from "../../client/mod.ts";
import { EXIT } from "../exit_codes.ts";
import type { ParsedOptions } from "../options.ts";
import { connectLocks } from "../connect.ts";
import { locksUrl } from "../defaults.ts";
import { harmless } from "../terminal_text.ts";
import { writeClock, writeSpan } from "../durations.ts";
import { print } from "../usage.ts";

export async function watch(given: ParsedOptions): Promise<number> {
  await using client = await connectLocks(locksUrl(given.text("url")), {});
  const write = given.has("json") ? JSON.stringify : lineOf;
  for await (const event of client.watch(given.operands[0])) {
    const status = await print(`${write(event)}\n`);
    if (status !== EXIT.ok) return status;
  }
  return EXIT.unreachable;
}

/** "14:02:11 acquire  backup  alice@build-7:4711, exclusive, after 12s: nightly". */
export function lineOf(event: WatchEvent): string {
  if (event.event === "lost") {
    const what = event.count === 0 ? "Some events are" : `${event.count} events are`;
    return `-------- ${what} missing here.`;
  }
  const head = `${writeClock(event.at)} ${event.event.padEnd(7)}  ${harmless(event.name)}  `;
  return head + tellingOf(event);
}

function tellingOf(event: Exclude<WatchEvent, { event: "lost" }>): string {
  const why = "why" in event && event.why !== undefined ? `: ${harmless(event.why)}` : "";
  switch (event.event) {
    case "acquire": {
      const after = event.waited ? `, after ${writeSpan(event.waited)}` : "";
      return `${harmless(event.holder)}, ${event.mode}${after}${why}`;
    }
    case "release":
      return `${harmless(event.holder)}, ${event.cause}${why}`;
    case "wait":
      return `${harmless(event.holder)}, ${event.mode}, ${event.queue} in the queue${why}`;
    case "timeout":
    case "leave":
      return `${harmless(event.holder)}, after ${writeSpan(event.waited)}`;
    case "force":
      return `by ${harmless(event.by)}, from ${event.count}${why}`;
  }
}
