/**
 * Replaces a file atomically: a reader finds the complete old content or the complete new content,
 * even after a crash. Writes a draft in the same folder, syncs it to the disk, and renames it.
 *
 * No `using` here: the minifier of the executable inlines such a variable when it is used once, and
 * then never closes the file.
 */

/** The mode of the new file, and its owner, which is set where permitted. */
export type FileAttributes = Pick<Deno.FileInfo, "mode" | "uid" | "gid">;

/** Replaces a file. Throws the operating system's error, and removes the draft then. */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  draft: string,
  attributes?: FileAttributes,
): Promise<void> {
  // Removes a draft left by a crash instead of overwriting it: it could be a link to another file.
  await Deno.remove(draft).catch(() => {});
  try {
    await writeDraft(draft, bytes, attributes);
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
  // The rename is on the disk once the folder is synced, which some systems cannot do.
  await syncFolder(folderOf(path)).catch(() => {});
}

async function writeDraft(
  path: string,
  bytes: Uint8Array,
  attributes: FileAttributes | undefined,
): Promise<void> {
  const file = await Deno.open(path, { write: true, createNew: true });
  try {
    if (attributes?.mode) await Deno.chmod(path, attributes.mode & 0o777);
    if (attributes !== undefined && attributes.uid !== null && attributes.gid !== null) {
      await Deno.chown(path, attributes.uid, attributes.gid).catch(() => {});
    }
    for (let written = 0; written < bytes.length;) {
      written += await file.write(bytes.subarray(written));
    }
    await file.sync();
  } finally {
    file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await Deno.open(path);
  try {
    await folder.sync();
  } finally {
    folder.close();
  }
}

/** Replaces a file, and blocks until it is on the disk. Throws as `writeAtomically` does. */
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
    const folder = Deno.openSync(folderOf(path));
    try {
      folder.syncSync();
    } finally {
      folder.close();
    }
  });
}

function writeDraftSync(path: string, bytes: Uint8Array): void {
  const file = Deno.openSync(path, { write: true, createNew: true });
  try {
    for (let written = 0; written < bytes.length;) {
      written += file.writeSync(bytes.subarray(written));
    }
    file.syncSync();
  } finally {
    file.close();
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || ".";
}

function ignoreErrors(run: () => void): void {
  try {
    run();
  } catch { /* the step is optional */ }
}
