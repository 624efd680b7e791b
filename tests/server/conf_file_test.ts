/** Finding and reading looky.conf, and the errors of a bad file. */
import { ConfError, loadConf, readConf } from "../../lib/server/conf_file.ts";
import { bytesOf } from "../../lib/wire/bytes.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";

/** Returns the message of the error, which must be a ConfError. */
function errorOf(action: () => unknown): string {
  const error = assertThrows(action, ConfError);
  assert(error instanceof ConfError);
  return error.message;
}

/** Makes these files, and no others, readable until it is disposed. */
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

Deno.test("loadConf() reads the first of three default paths, and returns undefined without any", () => {
  const all = ["looky.conf", "/etc/looky.conf", "/etc/looky/looky.conf"];
  const cases: [existing: string[], path: string | undefined][] = [
    [all, "/here/looky.conf"],
    [all.slice(1), "/etc/looky.conf"],
    [all.slice(2), "/etc/looky/looky.conf"],
    [["looky.conf", "/etc/looky/looky.conf"], "/here/looky.conf"],
    [["/etc/other.conf"], undefined],
    [[], undefined],
  ];
  for (const [existing, path] of cases) {
    using _files = new Files(Object.fromEntries(existing.map((path) => [path, `# ${path}\n`])));
    const conf = loadConf("");
    assertEquals(conf?.path, path);
    assertEquals(conf?.text, path === undefined ? undefined : `# ${existing[0]}\n`);
  }
});

Deno.test("loadConf() tries only the path it is given", () => {
  using files = new Files({ "looky.conf": "# here\n", "/other/looky.conf": "# other\n" });
  assertEquals(loadConf("/other/looky.conf")?.text, "# other\n");
  assertStringIncludes(errorOf(() => loadConf("/missing.conf")), "/missing.conf");
  assertEquals(new Set(files.asked), new Set(["/other/looky.conf", "/missing.conf"]));
});

Deno.test("loadConf() throws for a file that exists but cannot be read", () => {
  const denied = new Deno.errors.PermissionDenied("denied");
  using _files = new Files({ "looky.conf": denied, "/etc/looky.conf": "# etc\n" });
  assertStringIncludes(errorOf(() => loadConf("")), "looky.conf");
  assertStringIncludes(errorOf(() => loadConf("looky.conf")), "looky.conf");
});

Deno.test("loadConf() throws for a bad file and does not try the next path", () => {
  using _files = new Files({ "looky.conf": "port:none\n", "/etc/looky.conf": "# etc\n" });
  assertStringIncludes(errorOf(() => loadConf("")), "looky.conf:1:");
});

Deno.test("loadConf() names a missing file, and a folder at its path", () => {
  using folder = new Folder();
  assertStringIncludes(errorOf(() => loadConf(folder.path)), folder.path);
  const missing = `${folder.path}/missing.conf`;
  assertStringIncludes(errorOf(() => loadConf(missing)), missing);
});

Deno.test("loadConf() reads bytes and keeps the text unchanged", () => {
  using folder = new Folder();
  const text = "# \xff\xa0\r\n\r\npool.list:\xd0\xba,\xff\n\0:\0";
  const conf = loadConf(folder.put("looky.conf", text));
  assertEquals(conf?.text, text);
  assertEquals(conf?.pools.configuration.pools.map(({ name }) => name), ["\xd0\xba", "\xff"]);
});

Deno.test("readConf() names file, line, key and allowed values of an error", () => {
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

Deno.test("readConf() returns port and address of the file", () => {
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

Deno.test("readConf() lists each unknown key once, and no known key", () => {
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
