/** Lock modes, and the common prefix of lock names. */

/**
 * How a lock is held. `exclusive` locks exclude each other; `shared` locks are counted (see `max`),
 * and do not exclude exclusive ones. `write` and `read` are a read-write lock: one writer, or any
 * number of readers.
 */
export type Mode = "exclusive" | "shared" | "read" | "write";

/** Returns which of the server's two lock tables has the locks of a mode. */
export function kindOf(mode: Mode): "exclusive" | "shared" {
  return mode === "exclusive" || mode === "write" ? "exclusive" : "shared";
}

/** The server accepts prefixes of 256 bytes, and a character has at most four. */
const PREFIX_LENGTH_MAX = 64;

/** Returns the longest prefix that all names have in common, up to `PREFIX_LENGTH_MAX`. */
export function commonPrefix([first = "", ...others]: readonly string[]): string {
  let length = Math.min(first.length, PREFIX_LENGTH_MAX);
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  const prefix = first.slice(0, length);
  // Half of a surrogate pair is not valid text.
  return length < first.length ? prefix.replace(/[\ud800-\udbff]$/, "") : prefix;
}
