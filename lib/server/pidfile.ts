/**
 * The pid file is locked while the server runs, so that a second server with the same file refuses
 * to start. The file stays when the server ends, as with the original server; only the lock counts.
 */
import { FILE_LOCK_MS_MAX } from "../limits.ts";
import { openLocked } from "../storage/file_lock.ts";

/** Exit status 3 when the file cannot be written, 4 when another server holds it. */
export class PidfileError extends Error {
  override readonly name = "PidfileError";
  constructor(message: string, readonly exitCode: 3 | 4, options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * Writes the process id to `path`. The file stays open and locked until the process ends.
 *
 * Throws `PidfileError`.
 */
export async function writePidfile(path: string): Promise<void> {
  try {
    const file = await openLocked(path, { write: true, create: true }, FILE_LOCK_MS_MAX);
    if (file !== undefined) {
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(String(Deno.pid)));
      return;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PidfileError(`Cannot write the pid file ${path} (-pidfile): ${why}`, 3, { cause });
  }
  throw new PidfileError(
    `Cannot lock the pid file ${path}: another server holds it; stop that server or choose ` +
      "another -pidfile",
    4,
  );
}
