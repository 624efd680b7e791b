/** The shell scripts in examples/ do what docs/recipes.md describes. */
import { connect, connectPools, PoolError } from "../../lib/client/mod.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../support/assert.ts";
import { untilLock, urlOf } from "../support/cli.ts";
import type { Folder } from "../support/folder.ts";
import { startInner } from "../support/server.ts";
import { ExampleFolder } from "../support/shell_example.ts";

/** A command that prints a line, and ends when its input ends. */
const HOLD = ["sh", "-c", "echo started; read -r _ || echo ended"];

Deno.test("cron-job.sh skips a run with status 75 while the previous one is running", async () => {
  await using server = await startInner();
  using folder = new ExampleFolder();
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const start = (name: string) => folder.start("cron-job.sh", [name, ...HOLD], env);
  const first = start("sync");
  await first.said(/started\n/);
  const second = await start("sync").ended;
  assertEquals([second.code, second.stdout], [75, ""]);
  assertEquals((await start("report").finish()).code, 0);
  const { code, stdout } = await first.finish();
  assertEquals([code, stdout], [0, "started\nended\n"]);
  const third = await start("sync").finish();
  assertEquals([third.code, third.stdout], [0, "started\nended\n"]);
});

/** Returns a release as a tar archive: one file that contains the version. */
async function release(folder: Folder, version: string): Promise<Uint8Array> {
  folder.put("version.txt", version);
  const args = ["-c", "-C", folder.path, "version.txt"];
  return (await new Deno.Command("tar", { args }).output()).stdout;
}

Deno.test("deploy.sh runs one deployment of an environment at a time", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  using folder = new ExampleFolder();
  const env = { HOLDFAST_URL: urlOf(server.tcp), DEPLOY_ROOT: `${folder.path}/srv` };
  const start = (...args: string[]) => folder.start("deploy.sh", args, env);
  const current = (environment: string) =>
    Deno.readTextFile(`${folder.path}/srv/${environment}/current/version.txt`);

  const first = start("production", "1.1");
  const held = await untilLock(client, "deploy/production", (info) => info?.holders.length === 1);
  assertEquals(held?.holders[0]?.why, "release 1.1");
  const second = start("production", "1.2");
  await untilLock(client, "deploy/production", (info) => info?.queue.length === 1);
  const other = start("staging", "1.2");
  assertEquals((await other.finish(await release(folder, "1.2"))).code, 0);
  assertEquals(await current("staging"), "1.2");

  assertEquals(await first.finish(await release(folder, "1.1")), {
    code: 0,
    stdout: "production is at 1.1\n",
    stderr: "",
  });
  assertEquals(await current("production"), "1.1");
  assertEquals(await second.finish(await release(folder, "1.2")), {
    code: 0,
    stdout: "production is at 1.2\n",
    stderr: "",
  });
  assertEquals(await current("production"), "1.2");
});

Deno.test("deploy.sh reports after --keep that the previous deployment was killed", async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  using folder = new ExampleFolder();
  const env = { HOLDFAST_URL: urlOf(server.tcp), DEPLOY_ROOT: `${folder.path}/srv` };
  const first = folder.start("deploy.sh", ["production", "1.1"], env);
  await untilLock(client, "deploy/production", (info) => info?.holders.length === 1);
  const second = folder.start("deploy.sh", ["production", "1.2"], env);
  await untilLock(client, "deploy/production", (info) => info?.queue.length === 1);
  await first.kill();
  await untilLock(client, "deploy/production", (info) => info?.holders[0]?.absent === true);
  server.clock.nowMs += 30_000; // --keep
  const { code, stderr } = await second.finish(await release(folder, "1.2"));
  assertEquals(code, 0);
  assertMatch(stderr, /^The deployment by tester@\S+ did not finish: (closed|lost)\n$/);
});

Deno.test("ci-job.sh gives each job its own phone, and a job without a free one waits", async () => {
  const conf = new URL("../../examples/test-machines.conf", import.meta.url).pathname;
  await using server = await startInner(["-conf", conf]);
  await using pools = await connectPools(urlOf(server.looky));
  using folder = new ExampleFolder();
  const command = ["sh", "-c", 'echo "$HOLDFAST_RESOURCE"; read -r _ || true'];
  const start = (id: number) =>
    folder.start("ci-job.sh", command, {
      HOLDFAST_POOLS_URL: urlOf(server.looky),
      CI_JOB_ID: `${id}`,
    });
  const jobs = [1, 2, 3, 4].map(start);
  const phones = await Promise.all(jobs.map((job) => job.said(/.+\n/)));
  assertEquals(phones.toSorted(), ["galaxy-s23\n", "moto-g\n", "pixel-7\n", "pixel-8\n"]);
  await assertRejects(() => pools.consume("phones", "another"), PoolError);
  const fifth = start(5);
  assertEquals((await jobs[1]!.finish()).code, 0);
  assertEquals(await fifth.said(/.+\n/), phones[1]);
  for (const job of [jobs[0]!, jobs[2]!, jobs[3]!, fifth]) {
    assertEquals((await job.finish()).code, 0);
  }
});

Deno.test("ci-job.sh fails without CI_JOB_ID", async () => {
  using folder = new ExampleFolder();
  const { code, stderr } = await folder.start("ci-job.sh", ["true"], { CI_JOB_ID: "" })
    .ended;
  assertEquals(code === 0, false);
  assertStringIncludes(stderr, "set CI_JOB_ID");
});

Deno.test("bin/holdfast runs the program of its clone from any folder", async () => {
  await using server = await startInner();
  using folder = new ExampleFolder();
  const args = ["run", "a b", "--", "sh", "-c", 'echo "$HOLDFAST_LOCK"; exit 7'];
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const { code, stdout } = await folder.start("bin/holdfast", args, env).ended;
  assertEquals([code, stdout], [7, "a b\n"]);
});
