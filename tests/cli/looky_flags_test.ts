/** The port for pools as flags and looky.conf set it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";
import {
  askOnce,
  listenersOf,
  listPools,
  LOCKS_OFF,
  LOOKY_OK,
  loopback,
  runToEnd,
  startOnFreePort,
} from "../support/program.ts";
import { freeAddress } from "../support/server.ts";

Deno.test("-looky PORT serves pools, next to -looky-unix", async () => {
  using folder = new Folder();
  const path = `${folder.path}/l.sock`;
  await using program = await startOnFreePort(
    (port) => [...LOCKS_OFF, "-looky", `${port}`, "-looky-unix", path],
    folder.path,
  );
  assertEquals(listenersOf(program), [`looky tcp 127.0.0.1:${program.port}`, `looky unix ${path}`]);
  assertEquals(await askOnce(loopback(program.port), "add-pool p"), LOOKY_OK);
  assertEquals(await listPools(path), "[ p ]");
});

Deno.test("a server for pools only does not print that all listeners are off", async () => {
  using folder = new Folder();
  await using program = await startOnFreePort(
    (port) => [...LOCKS_OFF, `-looky=${port}`],
    folder.path,
  );
  const last = program.lines.at(-1)!;
  assert(!last.includes("all listeners are off"), last);
});

Deno.test("-looky 0 switches the port off, even if the file sets it, and -looky-unix stays", async () => {
  using folder = new Folder();
  const path = `${folder.path}/l.sock`;
  const conf = folder.put("looky.conf", `port:${freeAddress().port}\npool.list:p\n`);
  await using program = await startOnFreePort(
    () => [...LOCKS_OFF, "-looky", "0", "-looky-unix", path, "-conf", conf],
    folder.path,
  );
  assertEquals(listenersOf(program), [`looky unix ${path}`]);
  assertEquals(await listPools(path), "[ p ]");
});

Deno.test("port:0 in the file switches the port off, and -looky overrides it", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "port:0\n");
  await using off = await startOnFreePort(() => [...LOCKS_OFF, "-conf", conf], folder.path);
  assertEquals(listenersOf(off), []);
  await using on = await startOnFreePort(
    (port) => [...LOCKS_OFF, "-conf", conf, `-looky=${port}`],
    folder.path,
  );
  assertEquals(listenersOf(on), [`looky tcp 127.0.0.1:${on.port}`]);
});

Deno.test("without flags ./looky.conf sets port, address and pools", async () => {
  using folder = new Folder();
  await using program = await startOnFreePort((port) => {
    folder.put("looky.conf", `# mine\nport:${port}\naddress:127.0.0.1\npool.list:b,a\n`);
    return LOCKS_OFF;
  }, folder.path);
  assertEquals(listenersOf(program), [`looky tcp 127.0.0.1:${program.port}`]);
  assertEquals(await listPools(loopback(program.port)), "[ a, b ]");
});

Deno.test("-conf overrides ./looky.conf", async () => {
  using folder = new Folder();
  folder.put("looky.conf", "pool.list:here\n");
  const conf = folder.put("other.conf", "pool.list:named\n");
  await using program = await startOnFreePort(
    (port) => [...LOCKS_OFF, `-looky=${port}`, "-conf", conf],
    folder.path,
  );
  assertEquals(await listPools(loopback(program.port)), "[ named ]");
});

Deno.test("-conf takes a path relative to the working directory", async () => {
  using folder = new Folder();
  folder.put("mine.conf", "pool.list:mine\n");
  await using program = await startOnFreePort(
    (port) => [...LOCKS_OFF, `-looky=${port}`, "-conf=mine.conf"],
    folder.path,
  );
  assertEquals(await listPools(loopback(program.port)), "[ mine ]");
  assertEquals(await askOnce(loopback(program.port), "add-pool more"), LOOKY_OK);
  assertEquals(await askOnce(loopback(program.port), "save"), LOOKY_OK);
  assertEquals(Deno.readTextFileSync(`${folder.path}/mine.conf`), "pool.list:mine,more\n");
});

Deno.test("-looky overrides the file's port, and not its address", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", `port:${freeAddress().port}\naddress:any\n`);
  await using program = await startOnFreePort(
    (port) => [...LOCKS_OFF, "-conf", conf, `-looky=${port}`],
    folder.path,
  );
  assertEquals(listenersOf(program), [`looky tcp 0.0.0.0:${program.port} (every interface)`]);
});

Deno.test("address:any serves pools, but not locks, on every interface, and the start-up line shows it", async () => {
  using folder = new Folder();
  const { port: tcp } = freeAddress();
  await using program = await startOnFreePort((port) => {
    const conf = folder.put("looky.conf", `port:${port}\naddress:any\npool.list:p\n`);
    return [`-port=${tcp}`, "-ws=0", "-conf", conf];
  }, folder.path);
  assertEquals(listenersOf(program), [
    `tcp 127.0.0.1:${tcp}`,
    `looky tcp 0.0.0.0:${program.port} (every interface)`,
  ]);
  assertEquals(await listPools(loopback(program.port)), "[ p ]");
});

Deno.test("-host overrides the file's address", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "address:any\n");
  await using program = await startOnFreePort(
    (port) => [...LOCKS_OFF, "-conf", conf, `-looky=${port}`, "-host=127.0.0.1"],
    folder.path,
  );
  assertEquals(listenersOf(program), [`looky tcp 127.0.0.1:${program.port}`]);
});

Deno.test("without an address in the file the pools are served on loopback", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "pool.list:p\n");
  await using program = await startOnFreePort(
    (port) => [...LOCKS_OFF, "-conf", conf, `-looky=${port}`],
    folder.path,
  );
  assertEquals(listenersOf(program), [`looky tcp 127.0.0.1:${program.port}`]);
});

Deno.test("unused keys of the file are listed in one warning", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "log.level:3\npool.list:p\nusers:5\npool.q.list:r\n");
  const program = await startOnFreePort(
    (port) => [...LOCKS_OFF, "-conf", conf, `-looky=${port}`],
    folder.path,
  );
  await program[Symbol.asyncDispose]();
  const { stderr } = await program.ended;
  const lines = stderr.split("\n").filter((line) => line !== "");
  assertEquals(lines.length, 1, stderr);
  for (const word of [conf, "log.level", "users", "pool.q.list"]) {
    assertStringIncludes(lines[0]!, word);
  }
});

const INVALID_FILES: [text: string, line: number, says: string[]][] = [
  ["pool.list:p\npool.quantity:0\n", 2, ["pool.quantity", '"0"', "whole number"]],
  ["# x\r\n\r\npool.distribute-mode:queued-0\r\n", 3, ["pool.distribute-mode", "sticky", "queued"]],
  ["pool.list:p\npool.p.seed-method:dice", 2, ["pool.p.seed-method", '"dice"', "weighted"]],
  ["pool.latency-time:1d", 1, ["pool.latency-time", '"1d"', "sec", "min"]],
  ["port:none", 1, ["port", '"none"', "65535"]],
  ["address:example.org", 1, ["address", '"example.org"', "any"]],
  ["order:allow", 1, ["order", '"allow"', "deny,allow"]],
  ["allow:all\ndeny:example.org", 2, ["deny", '"example.org"', "localhost"]],
  ["pool.list:p\nnonsense", 2, []],
];

for (const [text, line, says] of INVALID_FILES) {
  Deno.test(`a file with ${JSON.stringify(text)} ends the start with status 2`, async () => {
    using folder = new Folder();
    const conf = folder.put("bad.conf", text);
    const { code, stdout, stderr } = await runToEnd([...LOCKS_OFF, "-conf", conf], folder.path);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    for (const word of [`${conf}:${line}: `, ...says]) assertStringIncludes(stderr, word);
    assert(!stderr.includes("    at "), stderr);
  });
}

Deno.test("errors of the file show its text as UTF-8", async () => {
  using folder = new Folder();
  const conf = folder.put("bad.conf", "");
  Deno.writeTextFileSync(conf, "pool.list:ключ\npool.ключ.seed-method:жребий\n");
  const { code, stderr } = await runToEnd([...LOCKS_OFF, "-conf", conf], folder.path);
  assertEquals(code, 2);
  for (const word of ["pool.ключ.seed-method", "жребий"]) assertStringIncludes(stderr, word);
});

Deno.test("an invalid ./looky.conf ends the start too", async () => {
  using folder = new Folder();
  folder.put("looky.conf", "port:none\n");
  const { code, stderr } = await runToEnd(LOCKS_OFF, folder.path);
  assertEquals(code, 2);
  assertMatch(stderr, /looky\.conf:1: .*port.*none/);
});

Deno.test("-conf with a missing file or a folder ends the start with status 2", async () => {
  using folder = new Folder();
  for (const path of [`${folder.path}/missing.conf`, "missing.conf", folder.path]) {
    const { code, stdout, stderr } = await runToEnd([...LOCKS_OFF, "-conf", path], folder.path);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, path);
    assertStringIncludes(stderr, "-conf");
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
  }
});
