/**
 * Replaces a file in one step: a reader, also after a crash, finds the complete old content or the
 * complete new one. Writes a draft in the same folder, syncs it to the disk, and renames it.
 */

/** The mode of the replaced file, and its owner, which the new file gets where permitted. */
export type FileAttributes = Pick<Deno.FileInfo, "mode" | "uid" | "gid">;

/** Replaces a file. Throws the operating system's error, and then leaves no draft. */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  draft: string,
  attributes?: FileAttributes,
): Promise<void> {
  // Removes the draft of a crash, rather than overwrite it: it could be a link to another file.
  await Deno.remove(draft).catch(() => {});
  try {
    await writeDraft(draft, bytes, attributes);
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
  // The rename is on the disk once the folder is; systems that cannot sync a folder need not.
  await syncFolder(folderOf(path)).catch(() => {});
}

async function writeDraft(
  path: string,
  bytes: Uint8Array,
  attributes: FileAttributes | undefined,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  if (attributes?.mode) await Deno.chmod(path, attributes.mode & 0o777);
  if (attributes !== undefined && attributes.uid !== null && attributes.gid !== null) {
    await Deno.chown(path, attributes.uid, attributes.gid).catch(() => {});
  }
  for (let sent = 0; sent < bytes.length;) sent += await file.write(bytes.subarray(sent));
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
}

/** Replaces a file and blocks until it is on the disk. Errors are those of `writeAtomically`. */
export function writeAtomicallySync(path: string, bytes: Uint8Array, draft: string): void {
  ignoreErrors(() => Deno.removeSync(draft));
  try {
    writeDraftSync(draft, bytes);
    Deno.renameSync(draft, path);
  } catch (error) {
    ignoreErrors(() => Deno.removeSync(draft));
    throw error;
  }
  ignoreErrors(() => {
    using folder = Deno.openSync(folderOf(path));
    folder.syncSync();
  });
}

function writeDraftSync(path: string, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  for (let sent = 0; sent < bytes.length;) sent += file.writeSync(bytes.subarray(sent));
  file.syncSync();
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || ".";
}

function ignoreErrors(run: () => void): void {
  try {
    run();
  } catch { /* the step is optional */ }
}
