/**
 * The only mouth of the program. What a user asked for goes to stdout, what is wrong to stderr.
 *
 * Text in a log line may hold bytes that a stranger chose, one character a byte: control bytes are
 * written as \xNN, so that nobody can forge a line or drive a terminal.
 */
import { bytesOf } from "./wire/bytes.ts";

/** Everything a terminal might obey: C0, DEL, and C1 in its UTF-8 form. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]|\xc2[\x80-\x9f]/g;

function visible(text: string): string {
  return text.replace(
    CONTROL,
    (found) =>
      [...found].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`).join(""),
  );
}

function put(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  try {
    for (let sent = 0; sent < bytes.length;) sent += stream.writeSync(bytes.subarray(sent));
  } catch { /* nobody reads it any more: no reason to stop serving */ }
}

export const log = {
  /** A line of the program's own, as it is. */
  say(line: string, where: "stdout" | "stderr" = "stdout"): void {
    put(Deno[where], new TextEncoder().encode(`${line}\n`));
  },
  /** A line with bytes of a peer in it, made harmless. */
  event(line: string): void {
    put(Deno.stdout, bytesOf(`${visible(line)}\n`));
  },
  error(line: string): void {
    put(Deno.stderr, new TextEncoder().encode(`holdfast: ${line}\n`));
  },
};
