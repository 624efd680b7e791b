/** Writing a file so that it is whole at any moment, also for two who write it at once. */
import { CONF_LOCK_MS_MAX } from "../limits.ts";
// @ts-types="../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
import { bytesOf, textOf } from "../wire/bytes.ts";

/** The file does not hold what it held: somebody else has written it. */
export class ForeignChangeError extends Error {
  override readonly name = "ForeignChangeError";
}

/**
 * Replaces what a file holds, `before`, as one step: whoever looks, also after a crash, finds the
 * old text or the new one, whole. The new file has the old one's mode, and its owner where we may
 * give it away. Text has one character a byte.
 *
 * Throws `ForeignChangeError`, or what the operating system says.
 */
export async function replaceFile(path: string, before: string, text: string): Promise<void> {
  const slash = path.lastIndexOf("/") + 1;
  using folder = await Deno.open(path.slice(0, slash) || ".");
  // Between the look at the old file and the new one's arrival nobody of ours may write another.
  await deadline(folder.lock(true), CONF_LOCK_MS_MAX);
  const old = await stat(path);
  if (old !== undefined) await assertReplaceable(path, old, before);
  const draft = `${path.slice(0, slash)}.${path.slice(slash)}.holdfast`;
  // What a crash has left. Made anew rather than overwritten: it could be a link to elsewhere.
  await Deno.remove(draft).catch(() => {});
  try {
    await writeWhole(draft, text, old);
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
  // The new name is on disk once the folder is; a system that cannot do that does it by itself.
  await folder.sync().catch(() => {});
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
  if (!old.isFile) throw new Error(`${path} is no regular file`);
  (await Deno.open(path, { write: true })).close(); // whoever has made it read-only means it
  if (textOf(await Deno.readFile(path)) !== before) throw new ForeignChangeError();
}

async function writeWhole(path: string, text: string, old?: Deno.FileInfo): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  if (old?.mode) await Deno.chmod(path, old.mode & 0o777);
  if (old !== undefined && old.uid !== null && old.gid !== null) {
    await Deno.chown(path, old.uid, old.gid).catch(() => {});
  }
  const bytes = bytesOf(text);
  for (let sent = 0; sent < bytes.length;) sent += await file.write(bytes.subarray(sent));
  await file.sync();
}
