/** Replacing a file in one step, with promises and synchronously. */
import { writeAtomically, writeAtomicallySync } from "../../lib/storage/atomic_file.ts";
import { bytesOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { Folder, read } from "../support/folder.ts";

type Write = (path: string, bytes: Uint8Array, draft: string) => Promise<void>;

const FUNCTIONS: readonly (readonly [name: string, write: Write])[] = [
  ["writeAtomically()", writeAtomically],
  ["writeAtomicallySync()", (...args) => Promise.try(() => writeAtomicallySync(...args))],
];

for (const [name, write] of FUNCTIONS) {
  Deno.test(`${name} creates and replaces a file, and leaves no draft`, async () => {
    using folder = new Folder();
    const [path, draft] = [`${folder.path}/file`, `${folder.path}/draft`];
    for (const text of ["first, and longer", "second"]) {
      await write(path, bytesOf(text), draft);
      assertEquals([read(path), folder.names()], [text, ["file"]]);
    }
  });

  Deno.test(`${name} replaces a draft that a crash has left, and does not follow a link`, async () => {
    using folder = new Folder();
    const [path, draft] = [folder.put("file", "old"), `${folder.path}/draft`];
    const other = folder.put("other", "other");
    folder.put("draft", "a draft that is longer");
    await write(path, bytesOf("new"), draft);
    Deno.symlinkSync(other, draft);
    await write(path, bytesOf("newer"), draft);
    assertEquals([read(path), read(other)], ["newer", "other"]);
    assert(Deno.lstatSync(path).isFile);
    assertEquals(folder.names(), ["file", "other"]);
  });

  Deno.test(`${name} throws when the rename fails, and leaves no draft`, async () => {
    using folder = new Folder();
    const path = `${folder.path}/folder`;
    Deno.mkdirSync(path);
    folder.put("folder/inside", "");
    await assertRejects(() => write(path, bytesOf("new"), `${folder.path}/draft`));
    assertEquals(folder.names(), ["folder"]);
  });
}
