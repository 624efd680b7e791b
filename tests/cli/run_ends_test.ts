/** `holdfast run`: signals, and every way to lose a lock. */
import { connect } from "../../lib/client/mod.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Cli, cliCommand, script, untilLock, urlOf } from "../support/cli.ts";
import { startCutProxy } from "../support/cut_tcp_proxy.ts";
import { type Address, freeAddress, startInner, startProgram } from "../support/server.ts";

const FOREVER = "await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));";
const PRINT_PID = `console.log(Deno.pid); ${FOREVER}`;
const isFree = (info: unknown): boolean => info === undefined;

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`${signal} ends a waiting run at once by that signal, and removes its waiter`, async () => {
    await using server = await startInner();
    await using client = await connect(urlOf(server.tcp));
    await using lock = await client.acquire("a");
    const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script("console.log('ran')")]);
    await untilLock(client, "a", (info) => info?.queue.length === 1);
    run.process.kill(signal);
    assertEquals(await run.ended, { code: status, signal, stdout: "", stderr: "" });
    await untilLock(client, "a", (info) => info?.queue.length === 0);
    await lock.release();
    assertEquals(await client.describe("a"), undefined);
  });
}

const PRINT_SIGNALS = `
  const names = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR2", "SIGWINCH", "SIGTERM"];
  for (const name of names) {
    Deno.addSignalListener(name, () => {
      console.log("got " + name);
      if (name === "SIGTERM") Deno.exit(5);
    });
  }
  console.log("ready");
  ${FOREVER}`;

// Not SIGUSR1, at which Deno opens its debugger's port in the command: see tests/long/run_test.ts.
Deno.test("run forwards each signal to the command once", async () => {
  await using server = await startInner();
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script(PRINT_SIGNALS)]);
  await run.stdoutMatch(/ready/);
  const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR2", "SIGWINCH", "SIGTERM"];
  for (const signal of signals) {
    run.process.kill(signal as Deno.Signal);
    await run.stdoutMatch(new RegExp(`got ${signal}`));
  }
  const { code, signal, stdout, stderr } = await run.ended;
  assertEquals({ code, signal, stderr }, { code: 5, signal: null, stderr: "" });
  assertEquals(stdout, ["ready", ...signals.map((name) => `got ${name}`), ""].join("\n"));
});

Deno.test("run ends by the signal that ended the command", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const args = ["run", "--url", urlOf(server.tcp), "a"];
  for (const [name, status] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGKILL", 137]] as const) {
    const run = new Cli([...args, ...script(`Deno.kill(Deno.pid, "${name}"); ${FOREVER}`)]);
    const { code, signal } = await run.ended;
    assertEquals({ code, signal }, { code: status, signal: name });
    assertEquals(await client.describe("a"), undefined);
  }
});

Deno.test("run reports a signal that writes a core by its status only", async () => {
  await using server = await startInner();
  const code = `Deno.kill(Deno.pid, "SIGQUIT"); ${FOREVER}`;
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script(code)]);
  const { code: status, signal } = await run.ended;
  assertEquals({ status, signal }, { status: 131, signal: null });
});

Deno.test("after SIGKILL of run the next run starts at once, with the departure as HOLDFAST_PREVIOUS", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  // Ends with its input, for systems where it outlives its parent: see tests/long/run_test.ts.
  const hold = "console.log('held'); await Deno.stdin.read(new Uint8Array(1))";
  const args = ["run", "--name", "first", "a", ...script(hold)];
  const first = new Cli(args, { env, stdin: "open" });
  await first.stdoutMatch(/held/);
  const print = 'console.log(Deno.env.get("HOLDFAST_PREVIOUS"), ' +
    'Deno.env.get("HOLDFAST_PREVIOUS_HOLDER"))';
  const second = new Cli(["run", "a", ...script(print)], { env });
  await untilLock(client, "a", (info) => info?.queue.length === 1);
  first.process.kill("SIGKILL");
  // "lost" if the event about the second run was unread: the kernel resets such a connection.
  assertMatch((await second.ended).stdout, /^(?:closed|lost) first\n$/);
  await first.process.stdin.close().catch(() => {});
  await first.ended;
});

/** Prints "terminating" at SIGTERM, and continues or exits with 3. */
function sigtermScript(exits: boolean): string {
  return `Deno.addSignalListener("SIGTERM", () => {
    console.log("terminating");
    if (${exits}) Deno.exit(3);
  });
  console.log("ready");
  ${FOREVER}`;
}

async function force(server: { readonly tcp: Address }, run: Cli): Promise<void> {
  await using client = await connect(urlOf(server.tcp));
  await run.stdoutMatch(/ready/);
  assertEquals(await client.force("a", "the disk is full"), 1);
}

Deno.test("force ends the command by SIGTERM, and run with 76 and the reason on stderr", async () => {
  await using server = await startInner();
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script(sigtermScript(true))]);
  await force(server, run);
  const { code, stdout, stderr } = await run.ended;
  assertEquals([code, stdout], [76, "ready\nterminating\n"]);
  assertMatch(stderr, /Ending the command: .*"a": .*the disk is full/);
});

Deno.test("force kills a command that ignores SIGTERM after --grace", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--grace", "100ms", "a"];
  const run = new Cli([...args, ...script(sigtermScript(false))]);
  await force(server, run);
  const { code, stdout } = await run.ended;
  assertEquals([code, stdout], [76, "ready\nterminating\n"]);
});

Deno.test("force with --on-lost kill ends the command by SIGKILL at once, and run with 76", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--on-lost", "kill", "a"];
  const run = new Cli([...args, ...script(sigtermScript(true))]);
  await force(server, run);
  const { code, stdout } = await run.ended;
  assertEquals([code, stdout], [76, "ready\n"]);
});

Deno.test("force with --on-lost ignore lets the command continue, and run ends with its status", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--on-lost", "ignore", "a"];
  const code = "console.log('ready'); await Deno.stdin.read(new Uint8Array(1)); Deno.exit(4)";
  const run = new Cli([...args, ...script(code)], { stdin: "open" });
  await force(server, run);
  await run.stderrMatch(/Continuing the command: .*"a"/);
  await run.process.stdin.close();
  assertEquals((await run.ended).code, 4);
});

Deno.test("run renews a lease while the command runs", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const code = "console.log('ready'); await Deno.stdin.read(new Uint8Array(1))";
  const args = ["run", "--url", urlOf(server.tcp), "--lease", "900ms", "a", ...script(code)];
  const run = new Cli(args, { stdin: "open" });
  await run.stdoutMatch(/ready/);
  for (let renewals = 0; renewals < 3; renewals++) {
    await untilLock(client, "a", (info) => (info?.holders[0]?.lease ?? 0) > 800);
    server.clock.nowMs += 800;
  }
  await run.process.stdin.close();
  assertEquals((await run.ended).code, 0);
});

Deno.test("a lease that expires nevertheless is a loss", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--deadline=0", "--lease=20m", "a"];
  const run = new Cli([...args, ...script(sigtermScript(true))]);
  await run.stdoutMatch(/ready/);
  server.clock.nowMs += 20 * 60_000;
  const { code, stderr } = await run.ended;
  assertEquals(code, 76);
  assertMatch(stderr, /Ending the command: .*lease/);
});

Deno.test("a lost connection is a loss, except with --keep", async () => {
  await using server = await startInner();
  using proxy = startCutProxy(server.tcp);
  await using client = await connect(urlOf(server.tcp));
  const lost = new Cli(["run", "--url", proxy.url, "a", ...script(sigtermScript(true))]);
  await lost.stdoutMatch(/ready/);
  proxy.cut();
  assertEquals((await lost.ended).code, 76);
  const code = "console.log('ready'); await Deno.stdin.read(new Uint8Array(1)); Deno.exit(4)";
  const args = ["run", "--url", proxy.url, "--keep", "10m", "b", ...script(code)];
  const kept = new Cli(args, { stdin: "open" });
  await kept.stdoutMatch(/ready/);
  const before = await client.describe("b");
  proxy.cut();
  await untilLock(client, "b", (info) => info?.holders[0]?.address !== before?.holders[0]?.address);
  const after = await client.describe("b");
  assertEquals(after?.holders[0]?.token, before?.holders[0]?.token);
  await kept.process.stdin.close();
  assertEquals((await kept.ended).code, 4);
  await untilLock(client, "b", isFree);
});

Deno.test("the end of the server is a loss: 76", async () => {
  const server = await startProgram(cliCommand());
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script(sigtermScript(true))]);
  await run.stdoutMatch(/ready/);
  server.process.kill("SIGKILL");
  const { code, stderr } = await run.ended;
  assertEquals(code, 76);
  assertMatch(stderr, /Ending the command: .*connection/);
  await server[Symbol.asyncDispose]();
});

Deno.test("a waiting run reconnects to a server that restarts", async () => {
  const { port } = freeAddress();
  const url = `tcp://127.0.0.1:${port}`;
  const first = await serverOn(port);
  const client = await connect(url, { reconnect: false });
  await client.acquire("a");
  const run = new Cli(["run", "--url", url, "a", ...script("console.log('ran')")]);
  await untilLock(client, "a", (info) => info?.queue.length === 1);
  first.kill("SIGKILL");
  await first.status;
  await client.close();
  const second = await serverOn(port);
  assertEquals((await run.ended).stdout, "ran\n");
  second.kill("SIGKILL");
  await second.status;
});

Deno.test("a waiting run ends with 69 after --wait when the server does not come back", async () => {
  const { port } = freeAddress();
  const url = `tcp://127.0.0.1:${port}`;
  const server = await serverOn(port);
  const client = await connect(url, { reconnect: false });
  await client.acquire("a");
  const run = new Cli(["run", "--url", url, "--wait", "1s", "a", ...script("console.log('ran')")]);
  await untilLock(client, "a", (info) => info?.queue.length === 1);
  server.kill("SIGKILL");
  await server.status;
  await client.close();
  const { code, stdout, stderr } = await run.ended;
  assertEquals([code, stdout], [69, ""], stderr);
});

Deno.test("SIGTERM ends a run that tries to reconnect", async () => {
  const { port } = freeAddress();
  const server = await serverOn(port);
  const client = await connect(`tcp://127.0.0.1:${port}`, { reconnect: false });
  await client.acquire("a");
  const url = `tcp://127.0.0.1:${port}`;
  const run = new Cli(["run", "--url", url, "a", ...script("console.log('ran')")]);
  await untilLock(client, "a", (info) => info?.queue.length === 1);
  server.kill("SIGKILL");
  await server.status;
  await client.close();
  run.process.kill("SIGTERM");
  assertEquals((await run.ended).signal, "SIGTERM");
});

Deno.test("two runs on one machine have different names, and end separately", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const runs = ["a", "b"].map((name) => new Cli(["run", name, ...script(PRINT_PID)], { env }));
  for (const run of runs) await run.stdoutMatch(/\d+(?=\n)/);
  const names = (await client.list()).map(({ holders }) => holders[0]?.name);
  assert(names[0] !== names[1], String(names));
  for (const run of runs) {
    run.process.kill("SIGTERM");
    assertEquals((await run.ended).code, 143);
  }
  await untilLock(client, "a", isFree);
  await untilLock(client, "b", isFree);
});

/** Starts a server on that port; resolves when it listens. */
async function serverOn(port: number): Promise<Deno.ChildProcess> {
  const [program, ...args] = cliCommand();
  const process = new Deno.Command(program, {
    args: [...args, `-port=${port}`, "-ws=0", "-looky=0"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("Try: ")) return process;
  }
  throw new Error(`The server did not listen: ${text}`);
}
