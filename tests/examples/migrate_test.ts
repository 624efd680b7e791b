/** examples/migrate.ts: migrations run once, and a holder that has lost the lock is refused. */
import { migrate, open, step } from "../../examples/migrate.ts";
import { connect } from "../../lib/client/mod.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";
import { untilLock, urlOf } from "../support/cli.ts";
import { Folder } from "../support/folder.ts";
import { startInner } from "../support/server.ts";

const program = new URL("../../examples/migrate.ts", import.meta.url).pathname;
const PERMISSIONS = ["--no-prompt", "--allow-net", "--allow-read", "--allow-write"];

Deno.test("of several programs that start together, one runs the migrations", async () => {
  await using server = await startInner();
  using folder = new Folder();
  await using client = await connect(urlOf(server.tcp));
  const path = `${folder.path}/app.db`;
  const run = async () => {
    const args = ["run", "--quiet", ...PERMISSIONS, program, path, urlOf(server.tcp)];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    return new TextDecoder().decode(stdout).slice(path.length);
  };
  const gate = await client.acquire("migrate/app");
  const runs = [run(), run(), run()];
  await untilLock(client, "migrate/app", (info) => info?.queue.length === 3);
  await gate.release();
  assertEquals((await Promise.all(runs)).toSorted(), [
    ": ran 0 migrations\n",
    ": ran 0 migrations\n",
    ": ran 3 migrations\n",
  ]);
  using database = open(path);
  assertEquals(database.prepare("PRAGMA user_version").get()?.["user_version"], 3);
  assertEquals(database.prepare("SELECT id, name, email FROM account").all(), []);
});

Deno.test("step() refuses the token of a holder that has lost the lock to another", async () => {
  await using server = await startInner();
  using folder = new Folder();
  const path = `${folder.path}/app.db`;
  await using paused = await connect(urlOf(server.tcp));
  await using other = await connect(urlOf(server.tcp));
  const lock = await paused.acquire("migrate/app");
  using database = open(path);
  assertEquals(step(database, lock.token, ["CREATE TABLE a (x)"]), true);
  await other.force("migrate/app", "its machine does not answer");
  assertEquals(await migrate(other, path, ["CREATE TABLE a (x)", "CREATE TABLE b (x)"]), 1);
  const wrong = ["", "", "DROP TABLE b"];
  assertThrows(() => step(database, lock.token, wrong), Error, "is too old");
  assertEquals(database.prepare("SELECT * FROM b").all(), []);
  assertEquals(database.prepare("PRAGMA user_version").get()?.["user_version"], 2);
});

Deno.test("step() undoes a migration that fails, and leaves the version as it was", async () => {
  await using server = await startInner();
  using folder = new Folder();
  await using client = await connect(urlOf(server.tcp));
  await using lock = await client.acquire("migrate/app");
  using database = open(`${folder.path}/app.db`);
  const failing = ["CREATE TABLE a (x); INSERT INTO missing VALUES (1)"];
  assertThrows(() => step(database, lock.token, failing), Error, "no such table");
  assertEquals(database.prepare("PRAGMA user_version").get()?.["user_version"], 0);
  assertEquals(step(database, lock.token, ["CREATE TABLE a (x)"]), true);
});
