/** The version of the program. `compile.sh` writes the commit and date of an executable into `build.json`. */
import manifest from "../deno.json" with { type: "json" };
import build from "./build.json" with { type: "json" };

export const version = manifest.version;

/** Returns the day of the build; for a program run from source, the day of its start. */
export function buildDate(startedSeconds: number): string {
  return build.date || new Date(startedSeconds * 1000).toISOString().slice(0, 10);
}

/** Returns version and origin in one line: "0.1.0 (1a2b3c4, 2026-11-21)". */
export function versionLine(): string {
  const stamp = [build.commit, build.date, build.note].filter((part) => part !== "").join(", ");
  return stamp === "" ? version : `${version} (${stamp})`;
}
