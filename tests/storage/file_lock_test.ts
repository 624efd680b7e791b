/** Locks on files and folders. */
import { openLocked } from "../../lib/storage/file_lock.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";

const SHORT_MS = 20;
const LONG_MS = 5_000;

Deno.test("openLocked() returns undefined while the lock is held, and the file after its release", async () => {
  using folder = new Folder();
  const targets: [path: string, options: Deno.OpenOptions][] = [
    [`${folder.path}/lock`, { write: true, create: true }],
    [folder.path, { read: true }],
  ];
  for (const [path, options] of targets) {
    const first = await openLocked(path, options, SHORT_MS);
    assert(first !== undefined);
    assertEquals(await openLocked(path, options, SHORT_MS), undefined);
    const waiting = openLocked(path, options, LONG_MS);
    first.close();
    const second = await waiting;
    assert(second !== undefined);
    second.close();
  }
});

Deno.test("openLocked() throws when the file cannot be opened", async () => {
  using folder = new Folder();
  const opening = () => openLocked(`${folder.path}/missing`, { read: true }, SHORT_MS);
  await assertRejects(opening, Deno.errors.NotFound);
});
