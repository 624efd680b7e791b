/** `holdfast run` as a process: what it passes through to the command, and how it exits. */
import { connect } from "../../lib/client/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Cli, cli, script, untilLock, urlOf } from "../support/cli.ts";
import { freeAddress, startInner } from "../support/server.ts";

const isWaiting = (count: number) => (info?: { queue: readonly unknown[] }) =>
  (info?.queue.length ?? 0) === count;

Deno.test("run passes input, output, errors and status through", async () => {
  await using server = await startInner();
  const code = `
    const text = await new Response(Deno.stdin.readable).text();
    console.log(text.toUpperCase());
    console.error("by the way");
    Deno.exit(7);`;
  const ended = await cli(["run", "--url", urlOf(server.tcp), "a", ...script(code)], {
    stdin: "two\nlines",
  });
  assertEquals(ended, { code: 7, signal: null, stdout: "TWO\nLINES\n", stderr: "by the way\n" });
  await using client = await connect(urlOf(server.tcp));
  assertEquals(await client.list(), []);
});

Deno.test("run passes arguments to the command unchanged", async () => {
  await using server = await startInner();
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const code = "console.log(JSON.stringify(Deno.args))";
  const words = ["--wait", "", "a b", "--", "-h", "$HOME", "*"];
  const { stdout } = await cli(["run", "a", ...script(code), "--", ...words], { env });
  assertEquals(JSON.parse(stdout), words);
});

Deno.test("run accepts the longest wait there is", async () => {
  await using server = await startInner();
  const args = ["run", "--url", urlOf(server.tcp), "--wait", `${2 ** 31 - 1}ms`, "a"];
  const { stdout, stderr } = await cli([...args, ...script("console.log('ran')")]);
  assertEquals([stdout, stderr], ["ran\n", ""]);
});

const ENVIRONMENT = `
  const names = ["LOCK", "TOKEN", "PREVIOUS", "PREVIOUS_HOLDER", "URL"];
  console.log(JSON.stringify(names.map((name) => Deno.env.get("HOLDFAST_" + name) ?? null)));`;

Deno.test("the environment of the command has the locks, their token and how their last hold ended", async () => {
  await using server = await startInner();
  const url = urlOf(server.tcp);
  const run = async (...args: string[]) => {
    const { stdout } = await cli(["run", "--url", url, ...args, ...script(ENVIRONMENT)]);
    return JSON.parse(stdout) as string[];
  };
  const [lock, first, previous, holder, urlSeen] = await run("--name", "first one", "my lock");
  assertEquals([lock, previous, holder, urlSeen], ["my lock", "none", "", url]);
  const second = await run("my lock", "b,c");
  assertEquals([second[0], second[2], second[3]], [
    "my lock\nb,c",
    "released\nnone",
    "first one\n",
  ]);
  assert(Number(second[1]) > Number(first), "tokens grow");
});

Deno.test("names of other clients are escaped in the environment", async () => {
  await using server = await startInner();
  const url = urlOf(server.tcp);
  await using other = await connect(url, { name: "a\0b" });
  await (await other.acquire("a")).release();
  const code = 'console.log(JSON.stringify(Deno.env.get("HOLDFAST_PREVIOUS_HOLDER")))';
  const { stdout, stderr } = await cli(["run", "--url", url, "a", ...script(code)]);
  assertEquals([stdout, stderr], ['"a\\\\x00b"\n', ""]);
});

Deno.test("the default name of the holder is user, host and process, and --why is shown", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const hold = "console.log('held'); await Deno.stdin.read(new Uint8Array(1))";
  const run = new Cli(
    ["run", "--url", urlOf(server.tcp), "--why", "nightly run", "a", ...script(hold)],
    { stdin: "open" },
  );
  await run.stdoutMatch(/held/);
  const [holder] = (await client.describe("a"))?.holders ?? [];
  assertMatch(holder?.name ?? "", new RegExp(`^tester@.+:${run.process.pid}$`));
  assertEquals(holder?.why, "nightly run");
  await run.process.stdin.close();
  assertEquals((await run.ended).code, 0);
});

Deno.test("a second run waits by default, and starts when the first ends", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const hold = "console.log('held'); await Deno.stdin.read(new Uint8Array(1))";
  const first = new Cli(["run", "a", ...script(hold)], { env, stdin: "open" });
  await first.stdoutMatch(/held/);
  const second = new Cli(["run", "a", ...script("console.log('held, too')")], { env });
  await untilLock(client, "a", isWaiting(1));
  await first.process.stdin.close();
  assertEquals((await first.ended).code, 0);
  // Nothing on stderr, which is not a terminal.
  assertEquals(await second.ended, { code: 0, signal: null, stdout: "held, too\n", stderr: "" });
});

Deno.test("--wait 0 ends with 75 and names the holder; the end of a wait with 124", async () => {
  await using server = await startInner();
  // Without idle timeouts: the clock is advanced below, which would end idle connections.
  const quiet = { name: "alice", deadlineSeconds: 0 };
  await using client = await connect(urlOf(server.tcp), quiet);
  await using _lock = await client.acquire("a", { why: "a deployment" });
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const busy = await cli(["run", "--wait", "0", "a", ...script("console.log('ran')")], { env });
  assertEquals({ ...busy, stderr: "" }, { code: 75, signal: null, stdout: "", stderr: "" });
  assertMatch(busy.stderr, /"a".* by alice.*a deployment/);
  const wait = ["--wait", "10m", "--deadline", "0"];
  const late = new Cli(["run", ...wait, "a", ...script("console.log('ran')")], { env });
  await untilLock(client, "a", isWaiting(1));
  server.clock.nowMs += 10 * 60_000;
  const { code, stdout, stderr } = await late.ended;
  assertEquals([code, stdout], [124, ""]);
  assertMatch(stderr, /"a".* by alice/);
});

Deno.test("--max limits the holders, and --read does not share with --write", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  await using _one = await client.acquire("s", { mode: "shared", max: 2 });
  assertEquals((await cli(["run", "--max=2", "--wait=0", "s", ...script("")], { env })).code, 0);
  assertEquals((await cli(["run", "--max=1", "--wait=0", "s", ...script("")], { env })).code, 75);
  await using _write = await client.acquire("w", { mode: "write" });
  assertEquals((await cli(["run", "--read", "--wait=0", "w", ...script("")], { env })).code, 75);
});

Deno.test("run ends with 69 at once when the server cannot be reached, whatever --wait says", async () => {
  const url = urlOf(freeAddress());
  const { code, stderr } = await cli(["run", "--url", url, "a", ...script("console.log('ran')")]);
  assertEquals(code, 69);
  assertStringIncludes(stderr, url);
});

Deno.test("wrong arguments end with 64, and the message says what to write", async () => {
  const { code, stdout, stderr } = await cli(["run", "backup", "sleep", "5"]);
  assertEquals([code, stdout], [64, ""]);
  assertMatch(
    stderr,
    /"--" and the command are missing; write holdfast run \[OPTIONS\] LOCK\.\.\. --/,
  );
  assertStringIncludes(stderr, 'See "holdfast run --help".');
  assertEquals((await cli(["run", "--url", "127.0.0.1:9999", "a", "--", "x"])).code, 127);
  assertEquals((await cli(["run", "--url", "http://x/", "a", ...script("")])).code, 64);
});

Deno.test("run ends with 64 when the server rejects the request", async () => {
  await using server = await startInner();
  const why = "x".repeat(2000);
  const { code } = await cli([
    ...["run", "--url", urlOf(server.tcp), "--why", why, "a"],
    ...script("console.log('ran')"),
  ]);
  assertEquals(code, 64);
});

Deno.test("run checks the command before it waits: 127 not found, 126 not executable", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  await using _lock = await client.acquire("a");
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const missing = await cli(["run", "a", "--", "no-such-command"], { env });
  assertEquals(missing.code, 127);
  assertStringIncludes(missing.stderr, 'Cannot run "no-such-command": command not found');
  const plain = `${server.folder}/plain.txt`;
  await Deno.writeTextFile(plain, "no program");
  assertEquals((await cli(["run", "a", "--", plain], { env })).code, 126);
  assertEquals((await cli(["run", "a", "--", server.folder], { env })).code, 126);
  assertEquals((await cli(["run", "a", "--", `${server.folder}/none`], { env })).code, 127);
});

Deno.test("run releases the lock when the command cannot be started", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const broken = `${server.folder}/broken`;
  await Deno.writeTextFile(broken, "#!/no/such/interpreter\n", { mode: 0o755 });
  const { code } = await cli(["run", "--url", urlOf(server.tcp), "a", "--", broken]);
  assert(code === 126 || code === 127, String(code));
  assertEquals(await client.list(), []);
});
