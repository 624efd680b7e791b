/** The Looky side of the program as its user meets it: flags, looky.conf, who is let in, the end. */
import { bytesOf } from "../../lib/wire/bytes.ts";
import { readHead } from "../../lib/wire/looky.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { HANDSHAKE } from "../support/handshake.ts";
import { Peer } from "../support/peer.ts";
import { type Ended, type Running, runToEnd, startOn } from "../support/program.ts";
import { commandUnderTest, freePlace, type Place, startProgram } from "../support/server.ts";

const OK = "LOOKY/1.0 200 OK\r\n";
/** No listeners but those of the pools. */
const OFF = ["-port=0", "-ws=0"];

/** A folder for one test. */
class Folder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "holdfast-" }));

  put(name: string, text: string): string {
    const path = `${this.path}/${name}`;
    Deno.writeFileSync(path, bytesOf(text));
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

async function run(...args: string[]): Promise<Ended> {
  using folder = new Folder();
  return await runToEnd(args, folder.path);
}

/** What is listened on, without the program's name. */
function listening({ lines }: Running): string[] {
  return lines.flatMap((line) => /^holdfast \S+ listens on (.*)$/.exec(line)?.slice(1) ?? []);
}

function loopback(port: number): Place {
  return { hostname: "127.0.0.1", port };
}

/** Asks for a reply of one line over a connection of its own. */
async function ask(to: Place | string, request: string): Promise<string> {
  const peer = await Peer.connect(to);
  try {
    await peer.send(`${request}\n`);
    return await peer.reply();
  } finally {
    await peer.close();
  }
}

/** The pools that there are. */
async function pools(to: Place | string): Promise<string> {
  const peer = await Peer.connect(to);
  await peer.send("list-pool\nexit\n");
  await peer.untilEnd();
  const [, list] = /^pool-list = (.*)\r$/m.exec(peer.arrived) ?? [];
  await peer.close();
  return list ?? peer.arrived;
}

Deno.test("-looky PORT is where pools are served, next to -looky-unix", async () => {
  using folder = new Folder();
  const path = `${folder.path}/l.sock`;
  await using program = await startOn(
    (port) => [...OFF, "-looky", `${port}`, "-looky-unix", path],
    folder.path,
  );
  assertEquals(listening(program), [`looky tcp 127.0.0.1:${program.port}`, `looky unix ${path}`]);
  assertEquals(await ask(loopback(program.port), "add-pool p"), OK);
  assertEquals(await pools(path), "[ p ]");
});

Deno.test("with nothing but pools to serve the program does not say that all is off", async () => {
  using folder = new Folder();
  await using program = await startOn((port) => [...OFF, `-looky=${port}`], folder.path);
  const last = program.lines.at(-1)!;
  assert(!last.includes("all listeners are off"), last);
});

Deno.test("-looky 0 switches the port off, also against the file, and -looky-unix stays", async () => {
  using folder = new Folder();
  const path = `${folder.path}/l.sock`;
  const conf = folder.put("looky.conf", `port:${freePlace().port}\npool.list:p\n`);
  await using program = await startOn(
    () => [...OFF, "-looky", "0", "-looky-unix", path, "-conf", conf],
    folder.path,
  );
  assertEquals(listening(program), [`looky unix ${path}`]);
  assertEquals(await pools(path), "[ p ]");
});

Deno.test("port:0 in the file switches the port off, and -looky goes before it", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "port:0\n");
  await using off = await startOn(() => [...OFF, "-conf", conf], folder.path);
  assertEquals(listening(off), []);
  await using on = await startOn((port) => [...OFF, "-conf", conf, `-looky=${port}`], folder.path);
  assertEquals(listening(on), [`looky tcp 127.0.0.1:${on.port}`]);
});

Deno.test("without flags the file says port, address and pools; nobody need name it", async () => {
  using folder = new Folder();
  await using program = await startOn((port) => {
    folder.put("looky.conf", `# mine\nport:${port}\naddress:127.0.0.1\npool.list:b,a\n`);
    return OFF;
  }, folder.path);
  assertEquals(listening(program), [`looky tcp 127.0.0.1:${program.port}`]);
  assertEquals(await pools(loopback(program.port)), "[ a, b ]");
});

Deno.test("-conf goes before the file that lies here", async () => {
  using folder = new Folder();
  folder.put("looky.conf", "pool.list:here\n");
  const conf = folder.put("other.conf", "pool.list:named\n");
  await using program = await startOn(
    (port) => [...OFF, `-looky=${port}`, "-conf", conf],
    folder.path,
  );
  assertEquals(await pools(loopback(program.port)), "[ named ]");
});

Deno.test("-conf takes a name relative to the folder where the program is started", async () => {
  using folder = new Folder();
  folder.put("mine.conf", "pool.list:mine\n");
  await using program = await startOn(
    (port) => [...OFF, `-looky=${port}`, "-conf=mine.conf"],
    folder.path,
  );
  assertEquals(await pools(loopback(program.port)), "[ mine ]");
  assertEquals(await ask(loopback(program.port), "add-pool more"), OK);
  assertEquals(await ask(loopback(program.port), "save"), OK);
  assertEquals(Deno.readTextFileSync(`${folder.path}/mine.conf`), "pool.list:mine,more\n");
});

Deno.test("-looky goes before the file's port, and its address counts all the same", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", `port:${freePlace().port}\naddress:any\n`);
  await using program = await startOn(
    (port) => [...OFF, "-conf", conf, `-looky=${port}`],
    folder.path,
  );
  assertEquals(listening(program), [`looky tcp 0.0.0.0:${program.port} (every interface)`]);
});

Deno.test("address:any is every interface for the pools only, and the start-up line says so", async () => {
  using folder = new Folder();
  const { port: tcp } = freePlace();
  await using program = await startOn((port) => {
    const conf = folder.put("looky.conf", `port:${port}\naddress:any\npool.list:p\n`);
    return [`-port=${tcp}`, "-ws=0", "-conf", conf];
  }, folder.path);
  assertEquals(listening(program), [
    `tcp 127.0.0.1:${tcp}`,
    `looky tcp 0.0.0.0:${program.port} (every interface)`,
  ]);
  assertEquals(await pools(loopback(program.port)), "[ p ]");
});

Deno.test("-host goes before the file's address", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "address:any\n");
  await using program = await startOn(
    (port) => [...OFF, "-conf", conf, `-looky=${port}`, "-host=127.0.0.1"],
    folder.path,
  );
  assertEquals(listening(program), [`looky tcp 127.0.0.1:${program.port}`]);
});

Deno.test("without an address in the file the pools are served on loopback", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "pool.list:p\n");
  await using program = await startOn(
    (port) => [...OFF, "-conf", conf, `-looky=${port}`],
    folder.path,
  );
  assertEquals(listening(program), [`looky tcp 127.0.0.1:${program.port}`]);
});

Deno.test("keys that mean nothing here are told in one line, and the program runs", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "log.level:3\npool.list:p\nusers:5\npool.q.list:r\n");
  const program = await startOn(
    (port) => [...OFF, "-conf", conf, `-looky=${port}`],
    folder.path,
  );
  await program[Symbol.asyncDispose]();
  const { stderr } = await program.ended;
  const told = stderr.split("\n").filter((line) => line !== "");
  assertEquals(told.length, 1, stderr);
  for (const word of [conf, "log.level", "users", "pool.q.list"]) {
    assertStringIncludes(told[0]!, word);
  }
});

const BAD: [text: string, line: number, says: string[]][] = [
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

for (const [text, line, says] of BAD) {
  Deno.test(`a file that says ${JSON.stringify(text)} stops the start, status 2`, async () => {
    using folder = new Folder();
    const conf = folder.put("bad.conf", text);
    const { code, stdout, stderr } = await runToEnd([...OFF, "-conf", conf], folder.path);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    for (const word of [`${conf}:${line}: `, ...says]) assertStringIncludes(stderr, word);
    assert(!stderr.includes("    at "), stderr);
  });
}

Deno.test("what a file says in other letters than ours is told in them", async () => {
  using folder = new Folder();
  const conf = folder.put("bad.conf", "");
  Deno.writeTextFileSync(conf, "pool.list:ключ\npool.ключ.seed-method:жребий\n");
  const { code, stderr } = await runToEnd([...OFF, "-conf", conf], folder.path);
  assertEquals(code, 2);
  for (const word of ["pool.ключ.seed-method", "жребий"]) assertStringIncludes(stderr, word);
});

Deno.test("a file that lies here and is bad stops the start as well", async () => {
  using folder = new Folder();
  const conf = folder.put("looky.conf", "port:none\n");
  const { code, stderr } = await runToEnd(OFF, folder.path);
  assertEquals(code, 2);
  assertStringIncludes(stderr, `${conf}:1: port`);
});

Deno.test("-conf with a file that is not there, or is a folder, stops the start, status 2", async () => {
  using folder = new Folder();
  for (const path of [`${folder.path}/missing.conf`, "missing.conf", folder.path]) {
    const { code, stdout, stderr } = await runToEnd([...OFF, "-conf", path], folder.path);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, path);
    assertStringIncludes(stderr, "-conf");
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
  }
});

const REFUSED: [args: string[], says: string][] = [
  [["-looky"], "Flag -looky needs a value"],
  [["-looky", "x"], "Flag -looky is a whole number from 0 to 65535"],
  [["-looky=65536"], "Flag -looky is a whole number from 0 to 65535"],
  [["-looky=-1"], "Flag -looky is a whole number from 0 to 65535"],
  [["-looky-unix"], "Flag -looky-unix needs a value"],
  [["-conf"], "Flag -conf needs a value"],
  [["-allow-halt=maybe"], "Flag -allow-halt is -allow-halt or -allow-halt=false"],
  [["-port=7001", "-looky=7001"], "Flags -port and -looky are both 7001"],
  [["-looky=7002", "-ws=7002"], "Flags -ws and -looky are both 7002"],
];

for (const [args, says] of REFUSED) {
  Deno.test(`holdfast ${args.join(" ")} says what is wrong and ends with status 2`, async () => {
    const { code, stdout, stderr } = await run(...args);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, says);
  });
}

Deno.test("two ports that are both off are not equal ports", async () => {
  using folder = new Folder();
  await using program = await startOn(() => [...OFF, "-looky=0"], folder.path);
  assertEquals(listening(program), []);
});

Deno.test("-h names the flags of the pools", async () => {
  const { code, stderr } = await run("-h");
  assertEquals(code, 0);
  for (const name of ["looky", "looky-unix", "conf", "allow-halt"]) {
    assertMatch(stderr, new RegExp(`^  -${name}\\b`, "m"));
  }
});

Deno.test("a port in use that somebody asked for, by flag or file, ends with status 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  using folder = new Folder();
  const conf = folder.put("a.conf", `port:${port}\n`);
  for (const args of [[`-looky=${port}`], ["-conf", conf]]) {
    const { code, stderr } = await runToEnd([...OFF, ...args], folder.path);
    assertEquals(code, 1, args.join(" "));
    assertStringIncludes(stderr, `127.0.0.1:${port} (-looky): it is in use`);
  }
});

const DEFAULT_PORT = 4040;

/** Has the default port taken; when another program has it, it is taken as well. */
function takeDefaultPort(): Disposable {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: DEFAULT_PORT });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return { [Symbol.dispose]: () => {} };
  }
}

Deno.test("the default port in use is a warning when nobody asked for it", async () => {
  using folder = new Folder();
  using _taken = takeDefaultPort();
  const path = `${folder.path}/l.sock`;
  const program = await startOn(() => [...OFF, "-looky-unix", path], folder.path);
  assertEquals(listening(program), [`looky unix ${path}`]);
  assertEquals(await ask(path, "add-pool p"), OK);
  await program[Symbol.asyncDispose]();
  const { code, stderr } = await program.ended;
  assertEquals(code, 0);
  assertStringIncludes(stderr, `127.0.0.1:${DEFAULT_PORT} (-looky): it is in use`);
});

Deno.test("the default port in use ends with status 1 when a flag asks for it, or a file", async () => {
  using folder = new Folder();
  using _taken = takeDefaultPort();
  const conf = folder.put("a.conf", "pool.list:p\n");
  for (const args of [[`-looky=${DEFAULT_PORT}`], ["-conf", conf]]) {
    const { code, stderr } = await runToEnd([...OFF, ...args], folder.path);
    assertEquals(code, 1, args.join(" "));
    assertStringIncludes(stderr, `127.0.0.1:${DEFAULT_PORT} (-looky): it is in use`);
  }
});

Deno.test("one path for both Unix sockets is refused", async () => {
  using folder = new Folder();
  const path = `${folder.path}/s.sock`;
  const args = [...OFF, "-looky=0", "-unix", path, "-looky-unix", path];
  const { code, stderr } = await runToEnd(args, folder.path);
  assert(code === 1 || code === 2, `status ${code}`);
  assertStringIncludes(stderr, path);
});

/** A client that a server disconnects at once, without a word, whether it speaks or not. */
async function assertTurnedAway(to: Place, says = ""): Promise<void> {
  const peer = await Peer.connect(to);
  if (says !== "") await peer.send(says).catch(() => {}); // the end may come first
  await peer.untilEnd();
  assertEquals(peer.arrived, "");
  await peer.close();
}

const LOOKY_HANDSHAKE = HANDSHAKE.replace("GET / ", "GET /looky ");

Deno.test("who is denied is disconnected at once, without a word, by TCP and by WebSocket", async () => {
  using folder = new Folder();
  for (const lines of ["deny:all", "deny:127.", "order:allow,deny\nallow:10.0.0.0/8"]) {
    const conf = folder.put("looky.conf", `${lines}\npool.list:p\n`);
    await using server = await startProgram(commandUnderTest(), ["-conf", conf]);
    await assertTurnedAway(server.looky);
    await assertTurnedAway(server.looky, "list-pool\n");
    await assertTurnedAway(server.ws, LOOKY_HANDSHAKE);
    // Everything else is as ever.
    assertEquals(await pools(server.lookyUnix), "[ p ]");
    assertEquals(await ask(server.tcp, "g foo"), "1 Lock Get Success: foo\r\n");
    const peer = await Peer.connect(server.ws);
    await peer.send(HANDSHAKE);
    assertMatch(await peer.reply(), /^HTTP\/1\.1 101 /);
    await peer.close();
  }
});

Deno.test("who is allowed is served, whatever is denied to others", async () => {
  using folder = new Folder();
  for (const lines of ["deny:all\nallow:localhost", "order:allow,deny\nallow:127.", "deny:10."]) {
    const conf = folder.put("looky.conf", `${lines}\npool.list:p\n`);
    await using server = await startProgram(commandUnderTest(), ["-conf", conf]);
    assertEquals(await pools(server.looky), "[ p ]");
    const peer = await Peer.connect(server.ws);
    await peer.send(LOOKY_HANDSHAKE);
    assertMatch(await peer.reply(), /^HTTP\/1\.1 101 /);
    await peer.close();
  }
});

/** Says lines to a WebSocket at a path, each answered by one message. */
async function converse(to: Place, path: string, lines: readonly string[]): Promise<string[]> {
  const socket = new WebSocket(`ws://${to.hostname}:${to.port}${path}`);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  const replies = [];
  for (const line of lines) {
    const reply = new Promise<MessageEvent<string>>((resolve) => socket.onmessage = resolve);
    socket.send(line);
    replies.push((await reply).data);
  }
  socket.close();
  await closed;
  return replies;
}

Deno.test("pools at /looky, locks at every other path, over one WebSocket port", async () => {
  await using server = await startProgram(commandUnderTest());
  assertEquals(await converse(server.ws, "/looky", ["add-pool p", "list-pool", "", "g foo"]), [
    OK,
    "LOOKY/1.0 201 OK:multiline=yes\r\npool-list = [ p ]\r\n\r\n",
    "",
    await ask(server.looky, "g foo"),
  ]);
  for (const path of ["/", "/locks", "/looky2"]) {
    assertEquals(await converse(server.ws, path, ["i foo", "list-pool"]), [
      "0 Lock Not Locked: foo\r\n",
      "",
    ]);
  }
});

Deno.test("the port of the locks works beside that of the pools, and neither knows the other", async () => {
  await using server = await startProgram(commandUnderTest());
  const [locks, looky] = [await Peer.connect(server.tcp), await Peer.connect(server.looky)];
  await looky.send("add-pool p\n");
  await looky.receive(OK);
  await locks.send("list-pool\ng foo\n");
  await locks.receive("1 Lock Get Success: foo\r\n");
  await looky.send("i foo\n");
  assertMatch(await looky.reply(), /^LOOKY\/1\.0 400 ERR:message=/);
  await looky.send("exit\n");
  await looky.receive(OK);
  await looky.expectEnd();
  await locks.send("i foo\n");
  await locks.receive("1 Lock Is Locked: foo\n");
  await locks.leave();
  await looky.close();
});

Deno.test("exit is answered, then the connection ends, and what was said behind it is not heard", async () => {
  await using server = await startProgram(commandUnderTest());
  for (const to of [server.looky, server.lookyUnix]) {
    const peer = await Peer.connect(to);
    await peer.send("exit\nadd-pool late\n");
    await peer.receive(OK);
    assertEquals(await peer.untilEnd(), "fin");
    assertEquals(peer.arrived, "");
    await peer.close();
    assertEquals(await pools(to), "[ ]");
  }
});

Deno.test("a client that ends its side gets its replies, then the server closes", async () => {
  await using server = await startProgram(commandUnderTest());
  const peer = await Peer.connect(server.looky);
  await peer.send("master\nadd-pool p\nset-latency p 5"); // the last line has no end
  await peer.endSending();
  await peer.receive(OK.repeat(3));
  await peer.expectEnd();
  await peer.close();
  assertEquals(await ask(server.looky, "master"), OK, "that was the end of the master");
});

for (const way of ["tcp", "unix"] as const) {
  Deno.test(`halt over ${way} is answered, then the program ends with status 0`, async () => {
    await using server = await startProgram(commandUnderTest());
    const other = await Peer.connect(server.tcp);
    await other.send("g foo\n");
    await other.reply();
    const peer = await Peer.connect(way === "tcp" ? server.looky : server.lookyUnix);
    await peer.send("halt\n");
    await peer.receive(OK);
    await peer.expectEnd();
    assertEquals((await server.process.status).code, 0);
    assertEquals(await other.untilEnd(), "fin");
    assertEquals([...Deno.readDirSync(server.folder)], []);
    await Promise.all([peer.close(), other.close()]);
  });
}

Deno.test("halt over a WebSocket of this machine ends the program as well", async () => {
  await using server = await startProgram(commandUnderTest());
  const socket = new WebSocket(`ws://127.0.0.1:${server.ws.port}/looky`);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  const reply = new Promise<MessageEvent<string>>((resolve) => socket.onmessage = resolve);
  socket.send("halt");
  assertEquals((await reply).data, OK);
  assertEquals((await server.process.status).code, 0);
  await closed;
});

Deno.test("a mistaken halt is refused, and the program goes on", async () => {
  await using server = await startProgram(commandUnderTest());
  for (const request of ["halt now", "!halt", "Halt"]) {
    assertEquals(readHead(await ask(server.looky, request))?.code, 400, request);
  }
  assertEquals(await ask(server.looky, "add-pool p"), OK);
});

Deno.test("-max-line holds for the pools, too: ERR 400, and the connection stays", async () => {
  await using server = await startProgram(commandUnderTest(), ["-max-line=100"]);
  const peer = await Peer.connect(server.looky);
  await peer.send(`add-pool ${"x".repeat(100)}\nadd-pool p\n`);
  assertEquals(readHead(await peer.reply())?.code, 400);
  await peer.receive(OK);
  await peer.leave();
  assertEquals(await pools(server.looky), "[ p ]");
});
