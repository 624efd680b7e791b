/** Locks on files and folders, which exclude other programs on the same machine. */
// @ts-types="../../types/async.d.ts"
import { deadline } from "@std/async/deadline";

/**
 * Opens a file or folder and locks it. The lock lasts until the returned file is closed, or the
 * process ends. Resolves to undefined when another program still has the lock after `waitMs`.
 * Throws the operating system's error when the file cannot be opened or locked.
 */
export async function openLocked(
  path: string,
  options: Deno.OpenOptions,
  waitMs: number,
): Promise<Deno.FsFile | undefined> {
  const file = await Deno.open(path, options);
  try {
    await deadline(file.lock(true), waitMs);
    return file;
  } catch (error) {
    file.close();
    if (error instanceof DOMException && error.name === "TimeoutError") return undefined;
    throw error;
  }
}
