/** `holdfast run --pool`: a place in a pool for the life of a command. */
import { connectPools, type PoolClient } from "../../lib/client/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Cli, cli, script, urlOf } from "../support/cli.ts";
import { freePlace, type InnerServer, startInner } from "../support/server.ts";

const TELL = `
  const names = ["POOL", "CONSUMER", "RESOURCE"];
  console.log(names.map((name) => Deno.env.get("HOLDFAST_" + name)).join(" "));`;
const HOLD = `${TELL} await Deno.stdin.read(new Uint8Array(1));`;

interface Pools extends AsyncDisposable {
  readonly server: InnerServer;
  readonly client: PoolClient;
  readonly env: Readonly<Record<string, string>>;
  /** Who uses the resource, by the names of the consumers. */
  consumers(resource: string): Promise<string[]>;
}

/** A server with one pool, "phones", that has room for one on "pixel". */
async function startPools(): Promise<Pools> {
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

Deno.test("the command is told its resource, which is free again afterwards", async () => {
  await using pools = await startPools();
  const run = new Cli(["run", "--pool", "phones", "--as", "job-1", ...script(HOLD)], {
    env: pools.env,
    stdin: "open",
  });
  await run.said(/phones job-1 pixel\n/);
  assertEquals(await pools.consumers("pixel"), ["job-1"]);
  await run.process.stdin.close();
  assertEquals((await run.ended).code, 0);
  assertEquals(await pools.consumers("pixel"), []);
});

Deno.test("without --as the consumer is the name of the connection", async () => {
  await using pools = await startPools();
  const url = ["--url", urlOf(pools.server.looky)];
  const { stdout } = await cli(["run", ...url, "--pool", "phones", ...script(TELL)]);
  assertMatch(stdout, /^phones tester@\S+:\d+ pixel\n$/);
});

Deno.test("a full pool: 75 with --wait 0, 124 when the wait is over", async () => {
  await using pools = await startPools();
  await pools.client.consume("phones", "somebody");
  const run = (wait: string) =>
    cli(["run", "--wait", wait, "--pool", "phones", ...script(TELL)], { env: pools.env });
  const busy = await run("0");
  assertEquals([busy.code, busy.stdout], [75, ""]);
  assertStringIncludes(busy.stderr, "no resource of pool phones is free");
  const late = await run("300ms");
  assertEquals([late.code, late.stdout], [124, ""]);
});

Deno.test("who waits for room starts once there is some", async () => {
  await using pools = await startPools();
  await pools.client.consume("phones", "somebody");
  const run = new Cli(["run", "--pool", "phones", "--as", "me", ...script(TELL)], {
    env: pools.env,
  });
  await untilConnected(pools);
  await pools.client.release("phones", "somebody");
  assertEquals((await run.ended).stdout, "phones me pixel\n");
});

/** Until somebody else than the test is there. */
async function untilConnected({ server }: Pools): Promise<void> {
  while (server.events.matching(/ connected$/).length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("SIGTERM while it waits for room ends it by that signal", async () => {
  await using pools = await startPools();
  await pools.client.consume("phones", "somebody");
  const run = new Cli(["run", "--pool", "phones", ...script(TELL)], { env: pools.env });
  await untilConnected(pools);
  run.process.kill("SIGTERM");
  assertEquals((await run.ended).signal, "SIGTERM");
});

Deno.test("the session is renewed while the command runs; when it is taken away, 76", async () => {
  await using pools = await startPools();
  await pools.client.setLatency(1, "phones"); // renewed twice a second
  const run = new Cli(["run", "--pool", "phones", "--as", "me", ...script(HOLD)], {
    env: pools.env,
    stdin: "open",
  });
  await run.said(/phones me pixel\n/);
  await pools.client.release("phones", "me"); // the next renewal begins a new one
  while ((await pools.consumers("pixel"))[0] !== "me") {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await pools.client.freeze("phones", "pixel");
  await pools.client.clear("phones");
  const { code, stderr } = await run.ended;
  assertEquals(code, 76);
  assertStringIncludes(stderr, "phones: pixel was taken away");
  await run.process.stdin.close();
});

Deno.test("no such pool is a mistake, 64; no server is 69", async () => {
  await using pools = await startPools();
  const unknown = await cli(["run", "--pool", "fones", ...script(TELL)], { env: pools.env });
  assertEquals(unknown.code, 64);
  const url = urlOf(freePlace());
  assertEquals((await cli(["run", "--url", url, "--pool", "x", ...script(TELL)])).code, 69);
});

Deno.test("a server that answers nothing is not waited for longer than --wait", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const place = listener.addr as Deno.NetAddr;
  const args = ["run", "--url", urlOf(place), "--pool", "x", "--wait", "0"];
  const { code, stderr } = await cli([...args, ...script(TELL)]);
  assertEquals(code, 69);
  assertStringIncludes(stderr, "does not answer");
  assert(!stderr.includes("is that its port"), "that is the deadline of the connection");
  (await accepted).close();
});
