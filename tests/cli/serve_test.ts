/** The server as a process: start-up, exit statuses, signals, the log. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import type { ProgramEnd } from "../support/program.ts";
import { commandUnderTest, freeAddress, startProgram } from "../support/server.ts";

/** Runs the program to its end. */
async function run(...args: string[]): Promise<ProgramEnd> {
  const [program, ...before] = commandUnderTest();
  const command = new Deno.Command(program, { args: [...before, ...args], stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const OFF = ["-port=0", "-ws=0", "-looky=0"];

for (const flag of ["-h", "--help"]) {
  Deno.test(`${flag} prints a usage page with every flag, and ends with status 0`, async () => {
    const { code, stderr } = await run(flag);
    assertEquals(code, 0);
    for (const name of ["host", "port", "ws", "unix", "pidfile", "registry", "dump", "max-line"]) {
      assertMatch(stderr, new RegExp(`^  -${name}\\b`, "m"));
    }
  });
}

const ERRORS: [args: string[], says: string][] = [
  [["-prot", "1"], 'Cannot read "-prot": no such flag.'],
  [["-port"], 'Cannot read "-port": the value INT is missing'],
  [["-port=70000"], 'Cannot read "70000" for -port: not a whole number from 0 to 65535'],
  [["-port", "x"], 'Cannot read "x" for -port: not a whole number'],
  [["-port", "-1"], 'Cannot read "-1" for -port: not a whole number'],
  [["-dump=no"], 'Cannot read "no" for -dump: not a boolean; write -dump or -dump=false'],
  [["-dump", "false"], 'Cannot read "false": not a flag'],
  [["-verbose", "--", "-port=1"], 'Cannot read "--": no such flag'],
  [["-max-line", "1"], 'Cannot read "1" for -max-line: not a whole number from 64'],
  [["-host="], "Flag -host is empty"],
  [["-port=7000", "-ws=7000"], "Flags -port and -ws are both 7000"],
  [["sevre"], 'Cannot run "sevre": no such subcommand'],
];

for (const [args, says] of ERRORS) {
  Deno.test(`holdfast ${args.join(" ")} ends with status 2: ${says}`, async () => {
    const { code, stdout, stderr } = await run(...args);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, says);
    assertStringIncludes(stderr, '"holdfast -h" lists the flags');
  });
}

for (const flag of ["port", "ws"]) {
  Deno.test(`a -${flag} in use ends with status 1, and the message names the flag`, async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr as Deno.NetAddr;
    const { code, stderr } = await run(...OFF, `-${flag}=${port}`);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `Cannot listen on 127.0.0.1:${port} (-${flag}): it is in use`);
  });
}

Deno.test("a -host that this machine does not have ends with status 1", async () => {
  const { code, stderr } = await run("-host=192.0.2.1", `-port=${freeAddress().port}`, "-ws=0");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "this machine has no such address");
});

Deno.test("a -unix path that is not a socket ends with status 1, and is not changed", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "precious");
  const { code, stderr } = await run(...OFF, "-unix", path);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    `Cannot listen on ${path} (-unix): ${path} exists and is not a socket`,
  );
  assertEquals(await Deno.readTextFile(path), "precious");
  await Deno.remove(path);
});

Deno.test("the -unix socket of a running server ends with status 1", async () => {
  await using server = await startProgram(commandUnderTest());
  const { code, stderr } = await run(...OFF, "-unix", server.unix);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "it is in use");
  (await Deno.connect({ transport: "unix", path: server.unix })).close();
});

Deno.test("a socket file left by a killed server is replaced", async () => {
  await using killed = await startProgram(commandUnderTest());
  killed.process.kill("SIGKILL");
  await killed.process.status;
  assert((await Deno.lstat(killed.unix)).isSocket);
  await using server = await startProgram(commandUnderTest(), ["-unix", killed.unix]);
  (await Deno.connect({ transport: "unix", path: killed.unix })).close();
  server.process.kill("SIGTERM");
  assertEquals((await server.process.status).code, 0);
});

Deno.test("a pid file that cannot be opened ends with status 3", async () => {
  const { code, stderr } = await run(...OFF, "-pidfile", "/no/such/folder/holdfast.pid");
  assertEquals(code, 3);
  assertStringIncludes(stderr, "Cannot write the pid file /no/such/folder/holdfast.pid (-pidfile)");
});

Deno.test("the pid file has the process id, is locked while the server runs, and stays", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "something longer than a number");
  {
    await using server = await startProgram(commandUnderTest(), ["-pidfile", path]);
    assertEquals(await Deno.readTextFile(path), String(server.process.pid));
    const { code, stderr } = await run(...OFF, "-pidfile", path);
    assertEquals(code, 4);
    assertStringIncludes(stderr, `Cannot lock the pid file ${path}: another server holds it`);
    assertEquals(await Deno.readTextFile(path), String(server.process.pid));
  }
  await using _next = await startProgram(commandUnderTest(), ["-pidfile", path]);
  await Deno.remove(path);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} ends connections, removes the socket file, and ends with status 0`, async () => {
    await using server = await startProgram(commandUnderTest());
    using tcp = await Deno.connect(server.tcp);
    using unix = await Deno.connect({ transport: "unix", path: server.unix });
    const socket = new WebSocket(`ws://127.0.0.1:${server.ws.port}/`);
    const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    await new Promise((resolve) => socket.onopen = resolve);
    for (const conn of [tcp, unix]) {
      await conn.write(new TextEncoder().encode("g x\n"));
      await conn.read(new Uint8Array(64));
    }
    server.process.kill(signal);
    assertEquals(await tcp.read(new Uint8Array(64)), null);
    assertEquals(await unix.read(new Uint8Array(64)), null);
    assertEquals((await closed).code, 1001);
    assertEquals((await server.process.status).code, 0);
    assertEquals([...Deno.readDirSync(server.folder)], []);
  });
}

Deno.test("with all listeners off the server runs, prints that, and ends on a signal", async () => {
  await using server = await startProgram([...commandUnderTest(), "serve"], [
    ...OFF,
    "-unix=",
    "-looky-unix=",
  ]);
  server.process.kill("SIGTERM");
  assertEquals((await server.process.status).code, 0);
  assertMatch(server.output(), /^Nothing to try: all listeners are off/);
});

Deno.test("start-up prints a line for each listener, and one to try", async () => {
  await using server = await startProgram(commandUnderTest());
  const lines = server.output().trimEnd().split("\n");
  assertEquals(lines.map((line) => line.replace(/^holdfast \S+ /, "")), [
    `listens on tcp 127.0.0.1:${server.tcp.port}`,
    `listens on websocket ws://127.0.0.1:${server.ws.port}/`,
    `listens on unix ${server.unix}`,
    `listens on looky tcp 127.0.0.1:${server.looky.port}`,
    `listens on looky unix ${server.lookyUnix}`,
    `Try: echo "g foo" | nc -w 1 127.0.0.1 ${server.tcp.port}`,
  ]);
});

Deno.test("-verbose logs what every connection does, with control bytes escaped", async () => {
  await using server = await startProgram(commandUnderTest(), ["-verbose"]);
  const conn = await Deno.connect(server.tcp);
  const me = `127.0.0.1:${conn.localAddr.port}`;
  const sent = ["g a\x1b[2J", "sg b", "r a\x1b[2J", "sr b", "g ключ", "sg d", "iam me", "huh", ""];
  await conn.write(new TextEncoder().encode(sent.join("\n")));
  await conn.closeWrite();
  const buffer = new Uint8Array(1024);
  while (await conn.read(buffer) !== null);
  conn.close();
  server.process.kill("SIGTERM");
  await server.process.status;
  const logged = (await server.ended).split("\n").filter((line) => line.startsWith(me));
  assertEquals(logged.map((line) => line.slice(me.length + 1)), [
    "connected",
    "obtained lock for a\\x1b[2J",
    "obtained shared lock for b",
    "released lock for a\\x1b[2J",
    "released shared lock for b",
    "obtained lock for ключ",
    "obtained shared lock for d",
    "changed their name to 'me'",
    "invalid command 'huh'",
    "orphaned lock ключ",
    "orphaned shared lock d",
    "disconnected",
  ]);
});
