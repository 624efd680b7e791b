/** The subcommands other than run, with text and JSON output, over a real server. */
import { type Client, connect, connectPools, type LockInfo } from "../../lib/client/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Cli, cli, type CliEnd, untilLock, urlOf } from "../support/cli.ts";
import { freeAddress, type InnerServer, startInner } from "../support/server.ts";

interface Setup extends AsyncDisposable {
  readonly server: InnerServer;
  readonly alice: Client;
  ask(...args: string[]): Promise<CliEnd>;
  readonly env: Readonly<Record<string, string>>;
}

async function startSetup(flags: readonly string[] = []): Promise<Setup> {
  const server = await startInner(flags);
  const alice = await connect(urlOf(server.tcp), { name: "alice" });
  const env = {
    HOLDFAST_URL: urlOf(server.tcp),
    HOLDFAST_POOLS_URL: urlOf(server.looky),
  };
  const dispose = async () => {
    await alice.close();
    await server[Symbol.asyncDispose]();
  };
  const ask = (...args: string[]) => cli(args, { env });
  return { server, alice, ask, env, [Symbol.asyncDispose]: dispose };
}

Deno.test("locks lists holders and waiters, by prefix, as a table, names or JSON", async () => {
  await using setup = await startSetup();
  const { alice, ask } = setup;
  assertEquals(await ask("locks"), { code: 0, signal: null, stdout: "", stderr: "" });
  await using _lock = await alice.acquire("app/deploy", { why: "a new\x1b[2J version" });
  await using _other = await alice.acquire("db");
  await using bob = await connect(urlOf(setup.server.tcp), { name: "bob" });
  bob.acquire("app/deploy", { wait: "forever" }).catch(() => {});
  await untilLock(alice, "app/deploy", (info) => info?.queue.length === 1);
  const { stdout } = await ask("locks", "app/");
  const [head, holder, waiter, ...rest] = stdout.split("\n");
  assertMatch(head ?? "", /^LOCK +MODE +CLIENT +SINCE +WHY$/);
  assertMatch(holder ?? "", /^app\/deploy +exclusive +alice +\d+\w ago +a new\\x1b\[2J version$/);
  assertMatch(waiter ?? "", /^ +waiting #1 +bob +\d+\w ago$/);
  assertEquals(rest, [""]);
  assertEquals((await ask("locks", "--names")).stdout, "app/deploy\ndb\n");
  const infos = JSON.parse((await ask("locks", "--json")).stdout) as LockInfo[];
  assertEquals(infos.map(({ name }) => name), ["app/deploy", "db"]);
  assertEquals(infos[0]?.queue[0]?.name, "bob");
});

Deno.test("who lists the connections that have set a name", async () => {
  await using setup = await startSetup();
  const { stdout } = await setup.ask("who");
  assertMatch(stdout, /^NAME +ADDRESS\nalice +127\.0\.0\.1:\d+\n$/);
  const found = JSON.parse((await setup.ask("who", "--json")).stdout) as { name: string }[];
  assertEquals(found.map(({ name }) => name), ["alice"]);
  assertEquals((await setup.ask("who", "carol")).stdout, "");
});

Deno.test("watch prints a line for each event as it happens", async () => {
  await using setup = await startSetup();
  const { alice, env } = setup;
  const watch = new Cli(["watch", "app/"], { env });
  const json = new Cli(["watch", "--json"], { env });
  const seen = Promise.all([watch.stdoutMatch(/app\/now/), json.stdoutMatch(/app\/now/)]);
  let isSeen = false;
  seen.then(() => isSeen = true);
  while (!isSeen) { // until both watchers are registered
    await using _lock = await alice.acquire("app/now", { why: "to be seen" });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await seen;
  const lock = await alice.acquire("app/x");
  await lock.release();
  await watch.stdoutMatch(/^\d\d:\d\d:\d\d release {2}app\/x {2}alice, released$/m);
  assertMatch(await watch.stdoutMatch(/.*acquire.*app\/x.*/), / {2}alice, exclusive$/);
  const event = JSON.parse(
    await json.stdoutMatch(/\{"event":"release","name":"app\/x".*/),
  ) as unknown;
  assert(typeof event === "object");
  for (const each of [watch, json]) {
    each.process.kill("SIGINT");
    assertEquals((await each.ended).signal, "SIGINT");
  }
});

Deno.test("force takes a lock away for a reason, and ends with 1 when it is not locked", async () => {
  await using setup = await startSetup();
  const { alice, ask } = setup;
  const lock = await alice.acquire("a");
  const none = await ask("force", "a");
  assertEquals(none.code, 64);
  assertStringIncludes(none.stderr, "--why TEXT is missing");
  const done = await ask("force", "a", "--why", "it hangs");
  assertEquals([done.code, done.stdout], [0, "a taken away from 1 holder\n"]);
  assertEquals((await lock.lost).how, "forced");
  const nothing = await ask("force", "a", "--why", "it hangs", "--json");
  assertEquals([nothing.code, nothing.stdout], [1, '{"name":"a","count":0}\n']);
});

Deno.test("pools lists resources and their usage", async () => {
  await using setup = await startSetup();
  assertEquals((await setup.ask("pools")).stdout, "");
  await using pools = await connectPools(urlOf(setup.server.looky));
  await pools.addPool("phones");
  await pools.setResource("pixel", 2, "phones");
  await pools.consume("phones", "job");
  const { stdout } = await setup.ask("pools");
  assertMatch(stdout, /^POOL +SEED +MODE +KEEPS +RESOURCE +USED\nphones .* pixel +1 of 2\n$/);
  assertEquals((await setup.ask("pools", "--names")).stdout, "phones\n");
  const json = JSON.parse((await setup.ask("pools", "phones", "--json")).stdout) as {
    pool: Record<string, unknown>;
  };
  assertEquals(Object.keys(json.pool), ["phones"]);
  assertEquals((await setup.ask("pools", "none")).code, 64);
});

Deno.test("status shows both ports, and does without that for pools", async () => {
  await using setup = await startSetup();
  const { stdout } = await setup.ask("status");
  assertMatch(stdout, /^server +Holdfast \S+ at tcp:/);
  assertMatch(stdout, /^connections +\d+$/m);
  assertMatch(stdout, /^pools +up for \d+\w at tcp:/m);
  const elsewhere = ["status", "--pools-url", urlOf(freeAddress())];
  const status = await setup.ask(...elsewhere, "--json");
  assertEquals(status.code, 0);
  const json = JSON.parse(status.stdout) as { counters: { connections: number }; pools: unknown };
  assert(json.counters.connections >= 1);
  assertMatch(JSON.stringify(json.pools), /cannot connect/i);
  const env = { HOLDFAST_URL: urlOf(setup.server.tcp) };
  const unknown = await cli(["status", "--json"], { env });
  assertEquals(JSON.parse(unknown.stdout).pools, undefined);
});

Deno.test("send sends lines unchanged, in order, over one connection", async () => {
  await using setup = await startSetup();
  const { ask, env } = setup;
  const said = await ask("send", "g foo", "i foo", "ping");
  assertEquals(
    [said.code, said.stdout],
    [0, "1 Lock Get Success: foo\n1 Lock Is Locked: foo\n1 pong\n"],
  );
  const no = await ask("send", "--json", "i foo");
  assertEquals(
    [no.code, no.stdout],
    [1, '{"line":"i foo","answer":["0 Lock Not Locked: foo"]}\n'],
  );
  const piped = await cli(["send"], { env, stdin: "g x\n\nping" });
  assertEquals(piped.stdout, "1 Lock Get Success: x\n1 pong\n");
});

Deno.test("send --pools uses the protocol for pools", async () => {
  await using setup = await startSetup();
  const { ask } = setup;
  const said = await ask("send", "--pools", "add-pool a", "!list-pool", "add-pool a");
  const [added, head, body, again] = said.stdout.split("\n");
  assertEquals(said.code, 1);
  assertEquals(added, "LOOKY/1.0 200 OK");
  assertMatch(head ?? "", /^LOOKY\/1\.0 202 OK:format=json,length=\d+$/);
  assertEquals(body, '{"pool-list":["a"]}');
  assertMatch(again ?? "", /^LOOKY\/1\.0 409 ERR:message=/);
});

Deno.test("a command that the server does not allow ends with 77", async () => {
  await using setup = await startSetup(["-dump=false"]);
  for (const name of ["locks", "who", "watch"]) {
    const { code, stderr } = await setup.ask(name);
    assertEquals(code, 77, `${name}: ${stderr}`);
  }
});

Deno.test("every subcommand ends with 69 when the server cannot be reached", async () => {
  const url = urlOf(freeAddress());
  const args = [["locks"], ["who"], ["watch"], ["pools"], ["status"], ["send", "q"]];
  for (const words of [...args, ["force", "a", "--why", "x"]]) {
    const { code, stderr } = await cli([...words, "--url", url]);
    assertEquals(code, 69, words.join(" "));
    assertStringIncludes(stderr, url);
  }
});

Deno.test("help and version print to stdout; wrong arguments end with 64", async () => {
  const help = await cli(["help"]);
  assertMatch(help.stdout, /^ {2}run +Run a command while holding locks/m);
  for (const args of [["help", "run"], ["run", "--help"], ["run", "-h", "--nonsense"]]) {
    const { code, stdout } = await cli(args);
    assertEquals(code, 0);
    assertMatch(stdout, /^Usage: holdfast run \[OPTIONS\] LOCK\.\.\. -- COMMAND/);
    assertMatch(stdout, /^ {2}124 +not acquired within --wait$/m);
  }
  assertMatch((await cli(["help", "serve"])).stdout, /^ {2}-port INT/m);
  assertMatch((await cli(["version"])).stdout, /^holdfast \d+\.\d+\.\d+/);
  assertMatch((await cli(["version", "--json"])).stdout, /^\{"version":"\d/);
  assertEquals((await cli(["help", "sevre"])).code, 64);
  assertEquals((await cli(["locks", "a", "b"])).code, 64);
  assertEquals((await cli(["completions", "tcsh"])).code, 64);
});

Deno.test("the completions of every shell have every subcommand and option", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await cli(["completions", shell]);
    assertEquals(code, 0);
    for (const word of ["serve", "watch", "on-lost", "pools-url", "looky-unix"]) {
      assertStringIncludes(stdout, word, shell);
    }
  }
});
