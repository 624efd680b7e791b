/** `holdfast run --pool`: a resource of a pool for the life of a command. */
import { connectPools, type PoolClient } from "../../lib/client/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Cli, cli, script, urlOf } from "../support/cli.ts";
import { freeAddress, type InnerServer, startInner } from "../support/server.ts";

const PRINT = `
  const names = ["POOL", "CONSUMER", "RESOURCE"];
  console.log(names.map((name) => Deno.env.get("HOLDFAST_" + name)).join(" "));`;
const HOLD = `${PRINT} await Deno.stdin.read(new Uint8Array(1));`;

interface PoolServer extends AsyncDisposable {
  readonly server: InnerServer;
  readonly client: PoolClient;
  readonly env: Readonly<Record<string, string>>;
  /** Returns the names of the consumers of a resource. */
  consumers(resource: string): Promise<string[]>;
}

/** Starts a server with one pool, "phones", of one resource, "pixel", for one consumer. */
async function startPools(): Promise<PoolServer> {
  const server = await startInner();
  const client = await connectPools(urlOf(server.looky));
  await client.addPool("phones");
  await client.setResource("pixel", 1, "phones");
  const consumers = async (resource: string) => {
    const { json } = await client.ask("print-resource", ["phones", resource], { native: true });
    const { phones } = (json as { resource: Record<string, { consumer: { name: string }[] }> })
      .resource;
    return (phones?.consumer ?? []).map(({ name }) => name);
  };
  const dispose = async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  };
  const env = { HOLDFAST_POOLS_URL: urlOf(server.looky) };
  return { server, client, env, consumers, [Symbol.asyncDispose]: dispose };
}

Deno.test("run --pool passes the resource to the command, and releases it afterwards", async () => {
  await using pools = await startPools();
  const run = new Cli(["run", "--pool", "phones", "--as", "job-1", ...script(HOLD)], {
    env: pools.env,
    stdin: "open",
  });
  await run.stdoutMatch(/phones job-1 pixel\n/);
  assertEquals(await pools.consumers("pixel"), ["job-1"]);
  await run.process.stdin.close();
  assertEquals((await run.ended).code, 0);
  assertEquals(await pools.consumers("pixel"), []);
});

Deno.test("without --as the consumer is named like the connection", async () => {
  await using pools = await startPools();
  const url = ["--url", urlOf(pools.server.looky)];
  const { stdout } = await cli(["run", ...url, "--pool", "phones", ...script(PRINT)]);
  assertMatch(stdout, /^phones tester@\S+:\d+ pixel\n$/);
});

Deno.test("a full pool: 75 with --wait 0, 124 after --wait", async () => {
  await using pools = await startPools();
  await pools.client.consume("phones", "other");
  const run = (wait: string) =>
    cli(["run", "--wait", wait, "--pool", "phones", ...script(PRINT)], { env: pools.env });
  const busy = await run("0");
  assertEquals([busy.code, busy.stdout], [75, ""]);
  assertMatch(busy.stderr, /pool phones/);
  const late = await run("300ms");
  assertEquals([late.code, late.stdout], [124, ""]);
});

Deno.test("a run that waits for room starts as soon as there is some", async () => {
  await using pools = await startPools();
  await pools.client.consume("phones", "other");
  const run = new Cli(["run", "--pool", "phones", "--as", "me", ...script(PRINT)], {
    env: pools.env,
  });
  await untilConnected(pools);
  await pools.client.release("phones", "other");
  assertEquals((await run.ended).stdout, "phones me pixel\n");
});

/** Resolves once a second connection exists, besides that of the test. */
async function untilConnected({ server }: PoolServer): Promise<void> {
  while (server.events.matching(/ connected$/).length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("SIGTERM ends a run that waits for room by that signal", async () => {
  await using pools = await startPools();
  await pools.client.consume("phones", "other");
  const run = new Cli(["run", "--pool", "phones", ...script(PRINT)], { env: pools.env });
  await untilConnected(pools);
  run.process.kill("SIGTERM");
  assertEquals((await run.ended).signal, "SIGTERM");
});

Deno.test("run renews the session while the command runs, and ends with 76 when it is taken away", async () => {
  await using pools = await startPools();
  await pools.client.setLatency(1, "phones"); // renewed every half second
  const run = new Cli(["run", "--pool", "phones", "--as", "me", ...script(HOLD)], {
    env: pools.env,
    stdin: "open",
  });
  await run.stdoutMatch(/phones me pixel\n/);
  await pools.client.release("phones", "me"); // the next renewal begins a new session
  while ((await pools.consumers("pixel"))[0] !== "me") {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await pools.client.freeze("phones", "pixel");
  await pools.client.clear("phones");
  const { code, stderr } = await run.ended;
  assertEquals(code, 76);
  assertStringIncludes(stderr, "Lost pixel of pool phones: ");
  await run.process.stdin.close();
});

Deno.test("an unknown pool ends run with 64, a missing server with 69", async () => {
  await using pools = await startPools();
  const unknown = await cli(["run", "--pool", "fones", ...script(PRINT)], { env: pools.env });
  assertEquals(unknown.code, 64);
  const url = urlOf(freeAddress());
  assertEquals((await cli(["run", "--url", url, "--pool", "x", ...script(PRINT)])).code, 69);
});

Deno.test("run does not wait longer than --wait for a silent server", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const address = listener.addr as Deno.NetAddr;
  const args = ["run", "--url", urlOf(address), "--pool", "x", "--wait", "0"];
  const { code, stderr } = await cli([...args, ...script(PRINT)]);
  assertEquals(code, 69);
  assertStringIncludes(stderr, "no reply from the server within --wait");
  assert(!stderr.includes("port for pools"), "the idle timeout of the connection came first");
  (await accepted).close();
});
