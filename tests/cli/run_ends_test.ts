/** `holdfast run`: signals, and every way to lose a lock. */
import { connect } from "../../lib/client/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Cli, cliCommand, script, untilLock, urlOf } from "../support/cli.ts";
import { cuttable } from "../support/cuttable.ts";
import { freePlace, type Place, startInner, startProgram } from "../support/server.ts";

const FOREVER = "await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));";
const SAY_PID = `console.log(Deno.pid); ${FOREVER}`;
const isFree = (info: unknown): boolean => info === undefined;

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`${signal} while it waits ends it at once by that signal, and nobody waits`, async () => {
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

const TELL_SIGNALS = `
  const names = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR2", "SIGWINCH", "SIGTERM"];
  for (const name of names) {
    Deno.addSignalListener(name, () => {
      console.log("got " + name);
      if (name === "SIGTERM") Deno.exit(5);
    });
  }
  console.log("ready");
  ${FOREVER}`;

// Not SIGUSR1, by which Deno opens its debugger's port in the command: tests/long/run_test.ts.
Deno.test("signals reach the command once; what it makes of them is its own", async () => {
  await using server = await startInner();
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script(TELL_SIGNALS)]);
  await run.said(/ready/);
  const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR2", "SIGWINCH", "SIGTERM"];
  for (const signal of signals) {
    run.process.kill(signal as Deno.Signal);
    await run.said(new RegExp(`got ${signal}`));
  }
  const { code, signal, stdout, stderr } = await run.ended;
  assertEquals({ code, signal, stderr }, { code: 5, signal: null, stderr: "" });
  assertEquals(stdout, ["ready", ...signals.map((name) => `got ${name}`), ""].join("\n"));
});

Deno.test("a command that a signal ends is followed by the same end", async () => {
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

Deno.test("a signal that writes a core is told by the status alone", async () => {
  await using server = await startInner();
  const code = `Deno.kill(Deno.pid, "SIGQUIT"); ${FOREVER}`;
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script(code)]);
  const { code: status, signal } = await run.ended;
  assertEquals({ status, signal }, { status: 131, signal: null });
});

Deno.test("killed with -9, the next one starts at once and is told: closed", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  // It ends with its input where nothing ends it with its parent: see tests/long/run_test.ts.
  const hold = "console.log('held'); await Deno.stdin.read(new Uint8Array(1))";
  const args = ["run", "--name", "first", "a", ...script(hold)];
  const first = new Cli(args, { env, stdin: "open" });
  await first.said(/held/);
  const tell = 'console.log(Deno.env.get("HOLDFAST_PREVIOUS"), ' +
    'Deno.env.get("HOLDFAST_PREVIOUS_HOLDER"))';
  const second = new Cli(["run", "a", ...script(tell)], { env });
  await untilLock(client, "a", (info) => info?.queue.length === 1);
  first.process.kill("SIGKILL");
  assertEquals((await second.ended).stdout, "closed first\n");
  await first.process.stdin.close().catch(() => {});
  await first.ended;
});

/** Says "told" at SIGTERM and goes on, or ends with 3. */
function stubborn(end: boolean): string {
  return `Deno.addSignalListener("SIGTERM", () => {
    console.log("told");
    if (${end}) Deno.exit(3);
  });
  console.log("ready");
  ${FOREVER}`;
}

async function force(server: { readonly tcp: Place }, run: Cli): Promise<void> {
  await using client = await connect(urlOf(server.tcp));
  await run.said(/ready/);
  assertEquals(await client.force("a", "the disk is full"), 1);
}

Deno.test("forced: SIGTERM, 76, and the reason on stderr", async () => {
  await using server = await startInner();
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script(stubborn(true))]);
  await force(server, run);
  const { code, stdout, stderr } = await run.ended;
  assertEquals([code, stdout], [76, "ready\ntold\n"]);
  assertMatch(stderr, /lost while .*"a": it was taken away by force: the disk is full/);
});

Deno.test("forced: who does not listen is killed after --grace", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--grace", "100ms", "a"];
  const run = new Cli([...args, ...script(stubborn(false))]);
  await force(server, run);
  const { code, stdout } = await run.ended;
  assertEquals([code, stdout], [76, "ready\ntold\n"]);
});

Deno.test("forced with --on-lost kill: SIGKILL at once, 76", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--on-lost", "kill", "a"];
  const run = new Cli([...args, ...script(stubborn(true))]);
  await force(server, run);
  const { code, stdout } = await run.ended;
  assertEquals([code, stdout], [76, "ready\n"]);
});

Deno.test("forced with --on-lost ignore: it goes on, and its status counts", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--on-lost", "ignore", "a"];
  const code = "console.log('ready'); await Deno.stdin.read(new Uint8Array(1)); Deno.exit(4)";
  const run = new Cli([...args, ...script(code)], { stdin: "open" });
  await force(server, run);
  await run.complained(/goes on without it: "a": it was taken away by force/);
  await run.process.stdin.close();
  assertEquals((await run.ended).code, 4);
});

Deno.test("a lease is renewed while the command runs", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const code = "console.log('ready'); await Deno.stdin.read(new Uint8Array(1))";
  const args = ["run", "--url", urlOf(server.tcp), "--lease", "900ms", "a", ...script(code)];
  const run = new Cli(args, { stdin: "open" });
  await run.said(/ready/);
  for (let turns = 0; turns < 3; turns++) {
    await untilLock(client, "a", (info) => (info?.holders[0]?.lease ?? 0) > 800);
    server.clock.nowMs += 800;
  }
  await run.process.stdin.close();
  assertEquals((await run.ended).code, 0);
});

Deno.test("a lease that ends all the same is a loss", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--deadline=0", "--lease=20m", "a"];
  const run = new Cli([...args, ...script(stubborn(true))]);
  await run.said(/ready/);
  server.clock.nowMs += 20 * 60_000;
  const { code, stderr } = await run.ended;
  assertEquals(code, 76);
  assertStringIncludes(stderr, "its lease was over");
});

Deno.test("cut off from the server: a loss, and none with --keep", async () => {
  await using server = await startInner();
  using way = cuttable(server.tcp);
  await using client = await connect(urlOf(server.tcp));
  const lost = new Cli(["run", "--url", way.url, "a", ...script(stubborn(true))]);
  await lost.said(/ready/);
  way.cut();
  assertEquals((await lost.ended).code, 76);
  const code = "console.log('ready'); await Deno.stdin.read(new Uint8Array(1)); Deno.exit(4)";
  const args = ["run", "--url", way.url, "--keep", "10m", "b", ...script(code)];
  const kept = new Cli(args, { stdin: "open" });
  await kept.said(/ready/);
  const before = await client.describe("b");
  way.cut();
  await untilLock(client, "b", (info) => info?.holders[0]?.address !== before?.holders[0]?.address);
  const after = await client.describe("b");
  assertEquals(after?.holders[0]?.token, before?.holders[0]?.token);
  await kept.process.stdin.close();
  assertEquals((await kept.ended).code, 4);
  await untilLock(client, "b", isFree);
});

Deno.test("a server that ends while the command runs is a loss: 76", async () => {
  const server = await startProgram(cliCommand());
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", ...script(stubborn(true))]);
  await run.said(/ready/);
  server.process.kill("SIGKILL");
  const { code, stderr } = await run.ended;
  assertEquals(code, 76);
  assertStringIncludes(stderr, "the connection that held it has ended");
  await server[Symbol.asyncDispose]();
});

Deno.test("a server that ends and comes back while it waits is asked again", async () => {
  const { port } = freePlace();
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

Deno.test("a server that ends while it waits and stays away: 69 when the wait is over", async () => {
  const { port } = freePlace();
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

Deno.test("SIGTERM while a lost server is looked for ends it by that signal", async () => {
  const { port } = freePlace();
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

Deno.test("two in the same place do not share a name, and one's end is not the other's", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const runs = ["a", "b"].map((name) => new Cli(["run", name, ...script(SAY_PID)], { env }));
  for (const run of runs) await run.said(/\d+(?=\n)/);
  const names = (await client.list()).map(({ holders }) => holders[0]?.name);
  assert(names[0] !== names[1], String(names));
  for (const run of runs) {
    run.process.kill("SIGTERM");
    assertEquals((await run.ended).code, 143);
  }
  await untilLock(client, "a", isFree);
  await untilLock(client, "b", isFree);
});

/** A server on that port; it listens when this resolves. */
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
