/**
 * Database migrations that run once, however many copies of a program start at the same time.
 * The lock keeps the copies apart. The fencing token, checked inside each transaction, stops a copy
 * that was paused and has lost the lock without noticing.
 *
 *     deno run --allow-net --allow-read --allow-write examples/migrate.ts app.db
 */
// deno-lint-ignore-file no-console
import { DatabaseSync } from "node:sqlite";
import { type Client, connect } from "../lib/client/mod.ts";

/** The statements that migrate a database from each version to the next. */
const MIGRATIONS = [
  "CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
  "ALTER TABLE account ADD COLUMN email TEXT",
  "CREATE UNIQUE INDEX account_email ON account (email)",
];

/** Migrates the database at `path` to the newest version. Returns how many migrations it ran. */
export async function migrate(
  client: Client,
  path: string,
  migrations: readonly string[] = MIGRATIONS,
): Promise<number> {
  await using lock = await client.acquire("migrate/app", { wait: "forever", why: "migration" });
  using database = open(path);
  let count = 0;
  while (step(database, lock.token, migrations)) count++;
  return count;
}

/** Opens the database, and creates its one-row table for the largest token seen. */
export function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 10_000 });
  database.exec("CREATE TABLE IF NOT EXISTS fence (id INTEGER PRIMARY KEY, token INTEGER)");
  database.exec("INSERT OR IGNORE INTO fence VALUES (1, 0)");
  return database;
}

/**
 * Checks the token and runs the next migration, in one transaction. Returns false if there are no
 * more migrations. Throws if the database has seen a larger token: another program has held the
 * lock since.
 */
export function step(
  database: DatabaseSync,
  token: number,
  migrations: readonly string[] = MIGRATIONS,
): boolean {
  database.exec("BEGIN IMMEDIATE");
  try {
    const fence = database.prepare("UPDATE fence SET token = ? WHERE token <= ?").run(token, token);
    if (Number(fence.changes) === 0) throw new Error(`Cannot migrate: token ${token} is too old`);
    const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    const statement = migrations[version];
    if (statement !== undefined) {
      database.exec(`${statement}; PRAGMA user_version = ${version + 1}`);
    }
    database.exec("COMMIT");
    return statement !== undefined;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

if (import.meta.main) {
  const [path = "app.db", url] = Deno.args;
  await using client = await connect(url, { name: `migrate ${Deno.pid}` });
  console.log(`${path}: ran ${await migrate(client, path)} migrations`);
}
