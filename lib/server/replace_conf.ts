/** Replaces a configuration file, unless another program has changed it. */
import { CONF_LOCK_MS_MAX } from "../limits.ts";
import { writeAtomically } from "../storage/atomic_file.ts";
import { openLocked } from "../storage/file_lock.ts";
import { bytesOf, textOf } from "../wire/bytes.ts";

/** The file has changed since it was read. */
export class ForeignChangeError extends Error {
  override readonly name = "ForeignChangeError";
}

/**
 * Replaces a file atomically with `text`, if its content is still `before`. A lock on the folder
 * excludes other servers that write there. The new file has the mode of the old file, and its owner
 * where that is permitted. Both texts have one character per byte.
 *
 * Throws `ForeignChangeError`, or the operating system's error.
 */
export async function replaceConf(path: string, before: string, text: string): Promise<void> {
  const slash = path.lastIndexOf("/") + 1;
  const folder = path.slice(0, slash) || ".";
  // No other server may write between checking the old file and renaming the new one.
  const lock = await openLocked(folder, { read: true }, CONF_LOCK_MS_MAX);
  if (lock === undefined) {
    throw new Error(`Cannot lock the folder ${folder}: another server is writing there; try again`);
  }
  try {
    const old = await stat(path);
    if (old !== undefined) await assertReplaceable(path, old, before);
    const draft = `${path.slice(0, slash)}.${path.slice(slash)}.holdfast`;
    await writeAtomically(path, bytesOf(text), draft, old);
  } finally {
    lock.close(); // releases the lock
  }
}

async function stat(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function assertReplaceable(path: string, old: Deno.FileInfo, before: string): Promise<void> {
  if (!old.isFile) throw new Error(`Cannot replace ${path}: it is not a regular file`);
  (await Deno.open(path, { write: true })).close(); // throws for a read-only file, which must stay
  if (textOf(await Deno.readFile(path)) !== before) throw new ForeignChangeError();
}
