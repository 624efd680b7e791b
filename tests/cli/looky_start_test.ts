/** Errors of the port for pools at the start: wrong flags, and ports and sockets in use. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";
import {
  askOnce,
  listenersOf,
  LOCKS_OFF,
  LOOKY_OK,
  runToEnd,
  startOnFreePort,
} from "../support/program.ts";

const ERRORS: [args: string[], says: string][] = [
  [["-looky"], 'Cannot read "-looky": the value INT is missing'],
  [["-looky", "x"], 'Cannot read "x" for -looky: not a whole number from 0 to 65535'],
  [["-looky=65536"], 'Cannot read "65536" for -looky: not a whole number from 0 to 65535'],
  [["-looky=-1"], 'Cannot read "-1" for -looky: not a whole number from 0 to 65535'],
  [["-looky-unix"], 'Cannot read "-looky-unix": the value PATH is missing'],
  [["-conf"], 'Cannot read "-conf": the value PATH is missing'],
  [["-allow-halt=maybe"], 'Cannot read "maybe" for -allow-halt: not a boolean'],
  [["-port=7001", "-looky=7001"], "Flags -port and -looky are both 7001"],
  [["-looky=7002", "-ws=7002"], "Flags -ws and -looky are both 7002"],
];

for (const [args, says] of ERRORS) {
  Deno.test(`holdfast ${args.join(" ")} ends with status 2: ${says}`, async () => {
    using folder = new Folder();
    const { code, stdout, stderr } = await runToEnd(args, folder.path);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, says);
  });
}

Deno.test("two ports may both be 0, which switches them off", async () => {
  using folder = new Folder();
  await using program = await startOnFreePort(() => [...LOCKS_OFF, "-looky=0"], folder.path);
  assertEquals(listenersOf(program), []);
});

Deno.test("-h lists the flags for pools", async () => {
  using folder = new Folder();
  const { code, stderr } = await runToEnd(["-h"], folder.path);
  assertEquals(code, 0);
  for (const name of ["looky", "looky-unix", "conf", "allow-halt"]) {
    assertMatch(stderr, new RegExp(`^  -${name}\\b`, "m"));
  }
});

Deno.test("a port in use that a flag or the file sets ends the start with status 1", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  using folder = new Folder();
  const conf = folder.put("a.conf", `port:${port}\n`);
  for (const args of [[`-looky=${port}`], ["-conf", conf]]) {
    const { code, stderr } = await runToEnd([...LOCKS_OFF, ...args], folder.path);
    assertEquals(code, 1, args.join(" "));
    assertStringIncludes(stderr, `127.0.0.1:${port} (-looky): it is in use`);
  }
});

const DEFAULT_PORT = 4040;

/** Occupies the default port, unless another program does already. */
function occupyDefaultPort(): Disposable {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: DEFAULT_PORT });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return { [Symbol.dispose]: () => {} };
  }
}

Deno.test("the default port in use is a warning when neither a flag nor the file sets it", async () => {
  using folder = new Folder();
  using _listener = occupyDefaultPort();
  const path = `${folder.path}/l.sock`;
  const program = await startOnFreePort(() => [...LOCKS_OFF, "-looky-unix", path], folder.path);
  assertEquals(listenersOf(program), [`looky unix ${path}`]);
  assertEquals(await askOnce(path, "add-pool p"), LOOKY_OK);
  await program[Symbol.asyncDispose]();
  const { code, stderr } = await program.ended;
  assertEquals(code, 0);
  assertStringIncludes(stderr, `127.0.0.1:${DEFAULT_PORT} (-looky): it is in use`);
});

Deno.test("the default port in use ends the start with status 1 when a flag or a file is given", async () => {
  using folder = new Folder();
  using _listener = occupyDefaultPort();
  const conf = folder.put("a.conf", "pool.list:p\n");
  for (const args of [[`-looky=${DEFAULT_PORT}`], ["-conf", conf]]) {
    const { code, stderr } = await runToEnd([...LOCKS_OFF, ...args], folder.path);
    assertEquals(code, 1, args.join(" "));
    assertStringIncludes(stderr, `127.0.0.1:${DEFAULT_PORT} (-looky): it is in use`);
  }
});

Deno.test("one path for both Unix sockets is an error", async () => {
  using folder = new Folder();
  const path = `${folder.path}/s.sock`;
  const args = [...LOCKS_OFF, "-looky=0", "-unix", path, "-looky-unix", path];
  const { code, stderr } = await runToEnd(args, folder.path);
  assert(code === 1 || code === 2, `status ${code}`);
  assertStringIncludes(stderr, path);
});
