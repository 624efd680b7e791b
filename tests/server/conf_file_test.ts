/** looky.conf on disk: where it is looked for, what is told of a bad one, and replacing it whole. */
import { ConfError, loadConf, readConf, replaceFile } from "../../lib/server/conf_file.ts";
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";

/** A folder for one test. */
class Folder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "holdfast-" }));

  /** Writes a file, makes a name for it at least. */
  put(name: string, text: string): string {
    const path = `${this.path}/${name}`;
    Deno.writeFileSync(path, bytesOf(text));
    return path;
  }

  /** What is in the folder. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function read(path: string): string {
  return textOf(Deno.readFileSync(path));
}

/** What is thrown, which must be for the user to read. */
function errorOf(action: () => unknown): string {
  const error = assertThrows(action, ConfError);
  assert(error instanceof ConfError);
  return error.message;
}

/** While it lives these files, and no others, are there to be read. */
class Files implements Disposable {
  readonly #own = { readFileSync: Deno.readFileSync, realPathSync: Deno.realPathSync };
  readonly asked: string[] = [];

  constructor(files: Readonly<Record<string, string | Error>>) {
    const find = (path: string | URL) => {
      const found = files[String(path)] ?? new Deno.errors.NotFound(`no ${path}`);
      if (found instanceof Error) throw found;
      return found;
    };
    Deno.realPathSync = (path) => {
      this.asked.push(String(path));
      find(path);
      return String(path).startsWith("/") ? String(path) : `/here/${path}`;
    };
    Deno.readFileSync = (path) => bytesOf(find(path));
  }

  [Symbol.dispose](): void {
    Object.assign(Deno, this.#own);
  }
}

Deno.test("without a name the first of three places counts, and no file means no pools", () => {
  const all = ["looky.conf", "/etc/looky.conf", "/etc/looky/looky.conf"];
  const cases: [there: string[], path: string | undefined][] = [
    [all, "/here/looky.conf"],
    [all.slice(1), "/etc/looky.conf"],
    [all.slice(2), "/etc/looky/looky.conf"],
    [["looky.conf", "/etc/looky/looky.conf"], "/here/looky.conf"],
    [["/etc/other.conf"], undefined],
    [[], undefined],
  ];
  for (const [there, path] of cases) {
    using _files = new Files(Object.fromEntries(there.map((place) => [place, `# ${place}\n`])));
    const conf = loadConf("");
    assertEquals(conf?.path, path);
    assertEquals(conf?.text, path === undefined ? undefined : `# ${there[0]}\n`);
  }
});

Deno.test("a file that is named is the only one that is looked for", () => {
  using files = new Files({ "looky.conf": "# here\n", "/other/looky.conf": "# other\n" });
  assertEquals(loadConf("/other/looky.conf")?.text, "# other\n");
  assertStringIncludes(errorOf(() => loadConf("/missing.conf")), "/missing.conf");
  assertEquals(new Set(files.asked), new Set(["/other/looky.conf", "/missing.conf"]));
});

Deno.test("a file that is there but cannot be read stops the start, named or found", () => {
  const denied = new Deno.errors.PermissionDenied("denied");
  using _files = new Files({ "looky.conf": denied, "/etc/looky.conf": "# etc\n" });
  assertStringIncludes(errorOf(() => loadConf("")), "looky.conf");
  assertStringIncludes(errorOf(() => loadConf("looky.conf")), "looky.conf");
});

Deno.test("a bad file that was found stops the start; no other is taken in its place", () => {
  using _files = new Files({ "looky.conf": "port:none\n", "/etc/looky.conf": "# etc\n" });
  assertStringIncludes(errorOf(() => loadConf("")), "looky.conf:1:");
});

Deno.test("a folder in place of the file, and a file that is not there, are named", () => {
  using folder = new Folder();
  assertStringIncludes(errorOf(() => loadConf(folder.path)), folder.path);
  const missing = `${folder.path}/missing.conf`;
  assertStringIncludes(errorOf(() => loadConf(missing)), missing);
});

Deno.test("a file is read as bytes, and its text is kept as it was", () => {
  using folder = new Folder();
  const text = "# \xff\xa0\r\n\r\npool.list:\xd0\xba,\xff\n\0:\0";
  const conf = loadConf(folder.put("looky.conf", text));
  assertEquals(conf?.text, text);
  assertEquals(conf?.pools.outline.pools.map(({ name }) => name), ["\xd0\xba", "\xff"]);
});

Deno.test("what is wrong in a file is told with file, line, key and what is allowed", () => {
  const cases: [lines: string[], line: number, says: string[]][] = [
    [["pool.list:p", "", "nonsense"], 3, []],
    [["\xef\xbb\xbf# x", ":x"], 2, []],
    [["pool.quantity:0"], 1, ["pool.quantity", '"0"', "whole number"]],
    [["# x", "pool.list:p", "pool.p.seed-method:dice"], 3, [
      "pool.p.seed-method",
      '"dice"',
      "serial",
    ]],
    [["pool.latency-time:1", "pool.latency-time:0"], 2, ["pool.latency-time", '"0"', "sec"]],
    [["port:x"], 1, ["port", '"x"', "65535"]],
    [["port:"], 1, ["port", "65535"]],
    [["port:-1"], 1, ["port", '"-1"', "65535"]],
    [["port:65536"], 1, ["port", '"65536"', "65535"]],
    [["port:4040", "address:example.org"], 2, ["address", '"example.org"', "any"]],
    [["address:"], 1, ["address", "any"]],
    [["address:10.0.0.256"], 1, ["address", "any"]],
    [["order:allow"], 1, ["order", '"allow"', "deny,allow", "allow,deny"]],
    [["allow:example.org"], 1, ["allow", '"example.org"', "localhost"]],
    [["deny:10.0.0.0/33"], 1, ["deny", '"10.0.0.0/33"', "localhost"]],
  ];
  for (const [lines, line, says] of cases) {
    const message = errorOf(() => readConf("/x/y.conf", lines.join("\r\n")));
    assert(message.startsWith(`/x/y.conf:${line}: `), message);
    for (const word of says) assertStringIncludes(message, word);
  }
});

Deno.test("port and address are the file's, if it says them", () => {
  const cases: [text: string, port: number | undefined, address: string | undefined][] = [
    ["", undefined, undefined],
    ["port:4040\naddress:any\n", 4040, "0.0.0.0"],
    ["port:0\r\naddress:127.0.0.1\r\n", 0, "127.0.0.1"],
    ["port: 65535 \naddress: ::1", 65535, "::1"],
    ["port:1\nport:2\naddress:any\naddress:10.0.0.1", 2, "10.0.0.1"],
    ["port:x\nport:2\naddress:y\naddress:10.0.0.1", 2, "10.0.0.1"],
  ];
  for (const [text, port, address] of cases) {
    const conf = readConf("looky.conf", text);
    assertEquals([conf.port, conf.address], [port, address], text);
  }
});

Deno.test("keys that mean nothing here are told once each, and those that do are not", () => {
  const known = [
    "port:1",
    "address:any",
    "order:deny,allow",
    "allow:all",
    "deny:10.",
    "pool.list:p",
  ];
  const others = ["log.level:3", "pool.q.seed-method:serial", "Port:x", "log.level:4", "users:5"];
  const conf = readConf("looky.conf", [...known, ...others].join("\n"));
  assertEquals(conf.unknownKeys, ["log.level", "pool.q.seed-method", "Port", "users"]);
  assertEquals(readConf("looky.conf", known.join("\n")).unknownKeys, []);
});

Deno.test("replaceFile replaces all of the file and leaves nothing else behind", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old, and longer than the new one");
  for (const text of ["new \xff\0\r\n", "", "x".repeat(1_000_000)]) {
    await replaceFile(path, text);
    assertEquals(read(path), text);
    assertEquals(folder.names(), ["looky.conf"]);
  }
});

Deno.test("replaceFile makes the file when it has gone meanwhile", async () => {
  using folder = new Folder();
  await replaceFile(`${folder.path}/looky.conf`, "new");
  assertEquals(read(`${folder.path}/looky.conf`), "new");
  assertEquals(folder.names(), ["looky.conf"]);
});

Deno.test("replaceFile keeps the file's mode", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  for (const mode of [0o600, 0o644, 0o640, 0o664, 0o400, 0o755]) {
    Deno.chmodSync(path, mode);
    await replaceFile(path, `mode ${mode}`);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o7777, mode);
    assertEquals(read(path), `mode ${mode}`);
  }
});

Deno.test("whoever has the old file open reads the old text to its end", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  using file = Deno.openSync(path);
  await replaceFile(path, "new and longer");
  const buffer = new Uint8Array(64);
  assertEquals(textOf(buffer, 0, file.readSync(buffer) ?? 0), "old");
});

Deno.test("a conf that is a symlink is followed: its real file is replaced, the link stays", async () => {
  using folder = new Folder();
  using elsewhere = new Folder();
  const real = elsewhere.put("real.conf", "port:1\n");
  const [near, far] = [`${folder.path}/near.conf`, `${folder.path}/far.conf`];
  Deno.symlinkSync(real, near);
  Deno.symlinkSync("near.conf", far);
  const conf = loadConf(far);
  assertEquals(conf?.path, real);
  await replaceFile(conf!.path, "port:2\n");
  assertEquals(read(real), "port:2\n");
  assertEquals(read(far), "port:2\n");
  assert(Deno.lstatSync(far).isSymlink && Deno.lstatSync(near).isSymlink);
  assertEquals([folder.names(), elsewhere.names()], [["far.conf", "near.conf"], ["real.conf"]]);
});

Deno.test("a draft that a crash has left, or somebody has put there, is no way to another file", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  const precious = folder.put("precious", "precious");
  await replaceFile(path, "new");
  for (const name of await draftNames()) {
    Deno.symlinkSync(precious, `${folder.path}/${name}`);
    await replaceFile(path, "newer");
    assertEquals([read(path), read(precious)], ["newer", "precious"]);
    assert(Deno.lstatSync(path).isFile);
  }
});

/** What a draft of looky.conf is called, seen when it is about to take the place of the file. */
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
    await replaceFile(path, "new");
  } finally {
    Deno.rename = rename;
  }
  assert(names.length > 0, "the file is not replaced by a draft");
  return names;
}

Deno.test("a failure leaves the old file as it was, and no draft", async () => {
  const steps = ["open", "rename"] as const;
  for (const step of steps) {
    using folder = new Folder();
    const path = folder.put("looky.conf", "old");
    const own = Deno[step];
    try {
      Object.assign(Deno, { [step]: () => Promise.reject(new Error("the disk is full")) });
      await assertRejects(() => replaceFile(path, "new"), Error, "the disk is full");
    } finally {
      Object.assign(Deno, { [step]: own });
    }
    assertEquals(read(path), "old");
    assertEquals(folder.names(), ["looky.conf"]);
  }
});

Deno.test("writing and flushing that fail leave the old file as it was, and no draft", async () => {
  for (const step of ["write", "sync"] as const) {
    using folder = new Folder();
    const path = folder.put("looky.conf", "old");
    const own = Deno.FsFile.prototype[step];
    try {
      Object.assign(Deno.FsFile.prototype, {
        [step]: () => Promise.reject(new Error("the disk is full")),
      });
      await assertRejects(() => replaceFile(path, "new"), Error, "the disk is full");
    } finally {
      Object.assign(Deno.FsFile.prototype, { [step]: own });
    }
    assertEquals(read(path), "old");
    assertEquals(folder.names(), ["looky.conf"]);
  }
});

Deno.test("a draft goes out in as many pieces as the disk takes", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  const { write } = Deno.FsFile.prototype;
  try {
    Deno.FsFile.prototype.write = function (bytes): Promise<number> {
      return write.call(this, bytes.subarray(0, 3));
    };
    await replaceFile(path, "in many pieces");
  } finally {
    Deno.FsFile.prototype.write = write;
  }
  assertEquals(read(path), "in many pieces");
});

Deno.test("the text is on disk before it takes the old one's name", async () => {
  using folder = new Folder();
  const path = folder.put("looky.conf", "old");
  const { rename, FsFile: { prototype } } = Deno;
  const { sync } = prototype;
  const told: string[] = [];
  try {
    prototype.sync = function (): Promise<void> {
      told.push("sync");
      return sync.call(this);
    };
    Deno.rename = (from, to) => {
      told.push(`rename of ${read(String(from))}`);
      return rename(from, to);
    };
    await replaceFile(path, "new");
  } finally {
    prototype.sync = sync;
    Deno.rename = rename;
  }
  assertEquals(told.slice(0, 2), ["sync", "rename of new"]);
});

Deno.test("a folder that takes no draft is told, and the file stays", async () => {
  using folder = new Folder();
  await assertRejects(() => replaceFile(`${folder.path}/gone/looky.conf`, "new"));
  const path = `${folder.path}/a folder`;
  Deno.mkdirSync(path);
  Deno.writeTextFileSync(`${path}/inside`, "");
  await assertRejects(() => replaceFile(path, "new"));
  assertEquals(folder.names(), ["a folder"]);
});
