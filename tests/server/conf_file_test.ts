/** looky.conf on disk: where it is looked for, and what is told of a bad one. */
import { ConfError, loadConf, readConf } from "../../lib/server/conf_file.ts";
import { bytesOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";

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
