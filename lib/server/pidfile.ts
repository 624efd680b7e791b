/**
 * The pid file: locked while the server lives, so that a second one with the same file refuses to
 * start. It stays after the end, as it always did; the lock is what counts.
 */
import { FILE_LOCK_MS_MAX } from "../limits.ts";
// @ts-types="../../types/async.d.ts"
import { deadline } from "@std/async/deadline";

/** The file cannot be had: exit status 3 when it cannot be written, 4 when another server holds it. */
export class PidfileError extends Error {
  override readonly name = "PidfileError";
  constructor(message: string, readonly exitCode: 3 | 4, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Writes the process id to `path`; the file stays open, and locked, until the process ends. */
export async function writePidfile(path: string): Promise<void> {
  try {
    const file = Deno.openSync(path, { write: true, create: true });
    if (await isLocked(file)) {
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(String(Deno.pid)));
      return;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PidfileError(`Cannot write the pid file ${path} (-pidfile): ${why}`, 3, { cause });
  }
  throw new PidfileError(
    `Pid file ${path} is locked by another server: stop that one or choose another -pidfile`,
    4,
  );
}

async function isLocked(file: Deno.FsFile): Promise<boolean> {
  try {
    await deadline(file.lock(true), FILE_LOCK_MS_MAX);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") return false;
    throw error;
  }
}
