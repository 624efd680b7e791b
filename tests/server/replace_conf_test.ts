/** Replacing a configuration file in one step, with failures and other writers. */
import { loadConf } from "../../lib/server/conf_file.ts";
import { ForeignChangeError, replaceConf } from "../../lib/server/replace_conf.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { Folder, read } from "../support/folder.ts";

/** Replaces the file, whatever its content. */
async function replace(path: string, text: string): Promise<void> {
  const before = await Deno.readFile(path).catch(() => bytesOf(""));
  await replaceConf(path, textOf(before), text);
}

Deno.test("replaceConf() leaves a file alone that has changed", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "another's");
  await assertRejects(() => replaceConf(path, "old", "new"), ForeignChangeError);
  assertEquals([read(path), folder.names()], ["another's", ["looky.conf"]]);
});

Deno.test("of several concurrent calls one replaces the file, and the others throw", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  const texts = Array.from({ length: 8 }, (_, i) => `new ${i}`);
  const ends = await Promise.allSettled(texts.map((text) => replaceConf(path, "old", text)));
  const done = texts.filter((_, i) => ends[i]!.status === "fulfilled");
  assertEquals(done, [read(path)]);
  for (const end of ends) {
    assert(end.status === "fulfilled" || end.reason instanceof ForeignChangeError);
  }
  assertEquals(folder.names(), ["looky.conf"]);
});

Deno.test("replaceConf() leaves anything but a regular file alone", async () => {
  using folder = new Folder();
  const path = `${folder.path}/looky.conf`;
  Deno.mkdirSync(path);
  await assertRejects(() => replaceConf(path, "", "new"), Error);
  assert(Deno.statSync(path).isDirectory);
});

Deno.test("replaceConf() replaces the whole content and leaves no other file", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old, and longer than the new one");
  for (const text of ["new \xff\0\r\n", "", "x".repeat(1_000_000)]) {
    await replace(path, text);
    assertEquals(read(path), text);
    assertEquals(folder.names(), ["looky.conf"]);
  }
});

Deno.test("replaceConf() creates the file when it was removed meanwhile", async () => {
  using folder = new Folder();
  await replace(`${folder.path}/looky.conf`, "new");
  assertEquals(read(`${folder.path}/looky.conf`), "new");
  assertEquals(folder.names(), ["looky.conf"]);
});

Deno.test("replaceConf() keeps the file's mode", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  for (const mode of [0o600, 0o644, 0o640, 0o664, 0o755]) {
    Deno.chmodSync(path, mode);
    await replace(path, `mode ${mode}`);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o7777, mode);
    assertEquals(read(path), `mode ${mode}`);
  }
});

Deno.test("a reader of the old file reads the old text to its end", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  using file = Deno.openSync(path);
  await replace(path, "new and longer");
  const buffer = new Uint8Array(64);
  assertEquals(textOf(buffer, 0, file.readSync(buffer) ?? 0), "old");
});

Deno.test("replaceConf() follows a symbolic link: the real file is replaced, the link stays", async () => {
  using folder = new Folder();
  using elsewhere = new Folder();
  const real = elsewhere.put("real.conf", "port:1\n");
  const [near, far] = [`${folder.path}/near.conf`, `${folder.path}/far.conf`];
  Deno.symlinkSync(real, near);
  Deno.symlinkSync("near.conf", far);
  const conf = loadConf(far);
  assertEquals(conf?.path, real);
  await replace(conf!.path, "port:2\n");
  assertEquals(read(real), "port:2\n");
  assertEquals(read(far), "port:2\n");
  assert(Deno.lstatSync(far).isSymlink && Deno.lstatSync(near).isSymlink);
  assertEquals([folder.names(), elsewhere.names()], [["far.conf", "near.conf"], ["real.conf"]]);
});

Deno.test("replaceConf() does not write through a symbolic link at the name of its draft", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  const precious = folder.put("precious", "precious");
  await replace(path, "new");
  for (const name of await draftNames()) {
    Deno.symlinkSync(precious, `${folder.path}/${name}`);
    await replace(path, "newer");
    assertEquals([read(path), read(precious)], ["newer", "precious"]);
    assert(Deno.lstatSync(path).isFile);
  }
});

/** Returns the names of drafts, observed just before the rename. */
async function draftNames(): Promise<string[]> {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  const { rename } = Deno;
  let names: string[] = [];
  Deno.rename = (from, to) => {
    names = folder.names().filter((name) => name !== "looky.conf");
    return rename(from, to);
  };
  try {
    await replace(path, "new");
  } finally {
    Deno.rename = rename;
  }
  assert(names.length > 0, "the file is not replaced by a draft");
  return names;
}

Deno.test("a failure to open or rename leaves the old file and no draft", async () => {
  const steps = ["open", "rename"] as const;
  for (const step of steps) {
    using folder = new Folder();
    const path = folder.put("looky.conf", "old");
    const own = Deno[step];
    try {
      Object.assign(Deno, { [step]: () => Promise.reject(new Error("the disk is full")) });
      await assertRejects(() => replace(path, "new"), Error, "the disk is full");
    } finally {
      Object.assign(Deno, { [step]: own });
    }
    assertEquals(read(path), "old");
    assertEquals(folder.names(), ["looky.conf"]);
  }
});

Deno.test("a failure to write or sync leaves the old file and no draft", async () => {
  for (const step of ["write", "sync"] as const) {
    using folder = new Folder();
    const path = folder.put("looky.conf", "old");
    const own = Deno.FsFile.prototype[step];
    try {
      Object.assign(Deno.FsFile.prototype, {
        [step]: () => Promise.reject(new Error("the disk is full")),
      });
      await assertRejects(() => replace(path, "new"), Error, "the disk is full");
    } finally {
      Object.assign(Deno.FsFile.prototype, { [step]: own });
    }
    assertEquals(read(path), "old");
    assertEquals(folder.names(), ["looky.conf"]);
  }
});

Deno.test("replaceConf() handles partial writes", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  const { write } = Deno.FsFile.prototype;
  try {
    Deno.FsFile.prototype.write = function (bytes): Promise<number> {
      return write.call(this, bytes.subarray(0, 3));
    };
    await replace(path, "in many pieces");
  } finally {
    Deno.FsFile.prototype.write = write;
  }
  assertEquals(read(path), "in many pieces");
});

Deno.test("replaceConf() syncs the draft before the rename", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  const { rename, FsFile: { prototype } } = Deno;
  const { sync } = prototype;
  const steps: string[] = [];
  try {
    prototype.sync = function (): Promise<void> {
      steps.push("sync");
      return sync.call(this);
    };
    Deno.rename = (from, to) => {
      steps.push(`rename of ${read(String(from))}`);
      return rename(from, to);
    };
    await replace(path, "new");
  } finally {
    prototype.sync = sync;
    Deno.rename = rename;
  }
  assertEquals(steps.slice(0, 2), ["sync", "rename of new"]);
});

Deno.test("replaceConf() throws when no draft can be created, and the file stays", async () => {
  using folder = new Folder();
  await assertRejects(() => replace(`${folder.path}/gone/looky.conf`, "new"));
  const path = `${folder.path}/a folder`;
  Deno.mkdirSync(path);
  Deno.writeTextFileSync(`${path}/inside`, "");
  await assertRejects(() => replace(path, "new"));
  assertEquals(folder.names(), ["a folder"]);
});
