/** Which Holdfast this is. `compile.sh` writes the stamp of an executable into its `build.json`. */
import manifest from "../deno.json" with { type: "json" };
import build from "./build.json" with { type: "json" };

export const version = manifest.version;

/** The day this was built; a program run from its source is built when it starts. */
export function buildDate(startedSeconds: number): string {
  return build.date || new Date(startedSeconds * 1000).toISOString().slice(0, 10);
}

/** Version and origin in one line: "0.1.0 (1a2b3c4, 2026-11-21)". */
export function versionLine(): string {
  const stamp = [build.commit, build.date, build.note].filter((part) => part !== "").join(", ");
  return stamp === "" ? version : `${version} (${stamp})`;
}
