/**
 * Twenty clients that take and give locks and names beside ten that list and count, 100,000
 * requests in all: the server lives, and every reply is one that can be right at its moment.
 *
 * What can be right is judged from outside. A client is a *holder* from the reply that grants until
 * it asks to release, and a *suitor* from asking until it knows that it has not, or no longer. A
 * grant is wrong while there is another holder; a refusal is wrong when there was no other suitor;
 * a count of holders is wrong above the number of suitors while it was asked for.
 */
import { readStatus } from "../../lib/wire/glockd.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { pick, seededRandom } from "../support/random.ts";
import { commandUnderTest, type Place, startProgram } from "../support/server.ts";

const TAKERS = 20;
const LISTERS = 10;
const REQUESTS = 100_000;
const NAMES = ["build", "deploy", "db: main", "", "\xd0\xba", "constructor"];

/** What is known of one name in one of the two tables. */
class Claims {
  readonly holders = new Set<number>();
  readonly suitors = new Map<number, number>();
  /** Goes up with each suit, so that a window of time can be told to have seen one. */
  suits = 0;

  sue(client: number): void {
    this.suitors.set(client, ++this.suits);
  }

  /** The most that may have been suing at some moment since `before`, this client left out. */
  others(client: number, before: ReadonlyMap<number, number>, since: number): number {
    const seen = new Set([...before.keys(), ...this.suitors.keys()]);
    seen.delete(client);
    return seen.size + (this.suits - since);
  }
}

class Taker {
  readonly #held = new Set<string>();
  readonly #heldShared = new Set<string>();
  readonly #id: number;
  readonly #client: LineClient;
  readonly #random: () => number;
  readonly #claims: (table: string, name: string) => Claims;

  constructor(
    id: number,
    client: LineClient,
    claims: (table: string, name: string) => Claims,
  ) {
    this.#id = id;
    this.#client = client;
    this.#random = seededRandom(id);
    this.#claims = claims;
  }

  /** Resolves to the number of requests made. */
  async step(): Promise<number> {
    const name = pick(this.#random, NAMES);
    const verb = pick(this.#random, ["g", "g", "r", "sg", "sg", "sr", "iam"]);
    if (verb === "iam") {
      assertEquals(await this.#client.ask(`iam t${this.#id}`), "1 ok");
      return 1;
    }
    const isShared = verb.startsWith("s");
    const claims = this.#claims(isShared ? "shared" : "exclusive", name);
    const held = isShared ? this.#heldShared : this.#held;
    if (verb.endsWith("g")) await this.#get(verb, name, claims, held);
    else await this.#release(verb, name, claims, held);
    return 1;
  }

  async #get(verb: string, name: string, claims: Claims, held: Set<string>): Promise<void> {
    const before = new Map(claims.suitors);
    const since = claims.suits;
    if (!held.has(name)) claims.sue(this.#id);
    const status = readStatus(await this.#client.ask(`${verb} ${name}`));
    assertEquals(status?.name, name);
    const others = claims.others(this.#id, before, since + (held.has(name) ? 0 : 1));
    if (verb === "sg") {
      assertEquals(status?.phrase, "Shared Lock Get Success");
      assert(status!.code >= 1 && status!.code <= others + 1, `${status!.code} of ${others + 1}`);
    } else if (status?.code === 1) {
      assertEquals(status.phrase, "Lock Get Success");
      const rivals = [...claims.holders].filter((id) => id !== this.#id);
      assertEquals(rivals, [], `"${name}" was granted while another held it`);
    } else {
      assertEquals(status, { code: 0, phrase: "Lock Get Failure", name });
      assert(!held.has(name), `"${name}" was refused to its holder`);
      assert(others > 0, `"${name}" was refused though nobody else wanted it`);
      claims.suitors.delete(this.#id);
      return;
    }
    claims.holders.add(this.#id);
    held.add(name);
  }

  async #release(verb: string, name: string, claims: Claims, held: Set<string>): Promise<void> {
    claims.holders.delete(this.#id);
    const shared = verb === "sr" ? "Shared " : "";
    const expected = held.has(name)
      ? `1 ${shared}Lock Release Success: ${name}`
      : `0 ${shared}Lock Release Failure: ${name}`;
    assertEquals(await this.#client.ask(`${verb} ${name}`), expected);
    claims.suitors.delete(this.#id);
    held.delete(name);
  }
}

const HOLDER = "(?:t\\d+|127\\.0\\.0\\.1:\\d+)";
const NAME = `(?:${NAMES.map((name) => name.replace(/[^\w ]/g, "\\$&")).join("|")})`;
const ENTRY = new RegExp(`^${NAME}: ${HOLDER}$`);

class Lister {
  readonly #client: LineClient;
  readonly #random: () => number;
  #last = new Map<string, number>();

  constructor(id: number, client: LineClient) {
    this.#client = client;
    this.#random = seededRandom(id);
  }

  /** Resolves to the number of requests made. */
  async step(): Promise<number> {
    const verb = pick(this.#random, ["q", "d", "sd", "dump", "dump shared", "who"]);
    const lines = await this.#client.askAll(verb);
    if (verb === "q") this.#checkCounters(lines);
    else if (verb === "who") {
      for (const line of lines) assertMatch(line, /^127\.0\.0\.1:\d+: t\d+$/);
    } else if (verb.startsWith("dump")) {
      assertEquals(lines.length, 1);
      assertMatch(lines[0]!, /^map\[.*\]$/);
    } else for (const line of lines) assertMatch(line, ENTRY);
    if (verb === "d") {
      const names = lines.map((line) => line.slice(0, line.lastIndexOf(": ")));
      assertEquals(new Set(names).size, names.length, "a lock with two holders");
    }
    return 2;
  }

  /** All fields are there, sorted, and no counter of events ever goes back. */
  #checkCounters(lines: readonly string[]): void {
    const fields = new Map(lines.map((line) => {
      const [, name = "", value] = /^([a-z_]+): (\d+)$/.exec(line) ?? [];
      return [name, Number(value)];
    }));
    assertEquals([...fields.keys()], [...fields.keys()].sort());
    assert(fields.size >= 16, `${fields.size} fields`);
    assertEquals(fields.get("connections"), TAKERS + LISTERS);
    assertEquals(fields.get("invalid_commands"), 0);
    assert(fields.get("locks")! <= NAMES.length && fields.get("shared_locks")! <= NAMES.length);
    for (const [name, value] of fields) {
      if (name.startsWith("command_")) assert(value >= (this.#last.get(name) ?? 0), name);
    }
    this.#last = fields;
  }
}

async function crowd(place: Place): Promise<number> {
  const tables = new Map<string, Claims>();
  const claims = (table: string, name: string) => {
    const key = `${table} ${name}`;
    if (!tables.has(key)) tables.set(key, new Claims());
    return tables.get(key)!;
  };
  const clients: LineClient[] = [];
  for (let i = 0; i < TAKERS + LISTERS; i++) clients.push(await LineClient.dial(place));
  for (const client of clients) await client.ask("me");
  let requests = clients.length;
  const work = clients.map(async (client, id) => {
    const actor = id < TAKERS ? new Taker(id, client, claims) : new Lister(id, client);
    while (requests < REQUESTS) {
      const made = await actor.step();
      requests += made;
    }
  });
  await Promise.all(work);
  for (const client of clients) client[Symbol.dispose]();
  return requests;
}

Deno.test("20 clients taking and 10 listing, 100,000 requests: every reply is right", async () => {
  await using server = await startProgram(commandUnderTest());
  const requests = await crowd(server.tcp);
  assert(requests >= REQUESTS);
  using witness = await LineClient.dial(server.tcp);
  assertEquals(await witness.ask("i build"), "0 Lock Not Locked: build");
});
