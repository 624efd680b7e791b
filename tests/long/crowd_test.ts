/**
 * Twenty clients acquire and release locks and set names while ten list and count, 100,000 requests
 * in all. The server keeps running, and every reply can be right at the time of its request.
 *
 * The tests know only what clients observe. A client is a *holder* from the reply that grants until
 * it sends the release. It is a *candidate* from its request until a reply shows that it does not
 * hold the lock. A grant is wrong if there is another holder. A refusal is wrong if there was no
 * other candidate. A count of holders must not exceed the number of candidates during the request.
 */
import { readStatus } from "../../lib/wire/glockd.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { pick, seededRandom } from "../support/random.ts";
import { type Address, commandUnderTest, startProgram } from "../support/server.ts";

const LOCK_CLIENTS = 20;
const LIST_CLIENTS = 10;
const REQUESTS = 100_000;
const NAMES = ["build", "deploy", "db: main", "", "\xd0\xba", "constructor"];

/** What clients have observed of one name in one of the two lock tables. */
class LockView {
  readonly holders = new Set<number>();
  readonly candidates = new Map<number, number>();
  /** The number of candidates so far; its growth shows how many came during a request. */
  attempts = 0;

  addCandidate(client: number): void {
    this.candidates.set(client, ++this.attempts);
  }

  /** Returns the maximum of other candidates at any time since `before`. */
  others(client: number, before: ReadonlyMap<number, number>, since: number): number {
    const seen = new Set([...before.keys(), ...this.candidates.keys()]);
    seen.delete(client);
    return seen.size + (this.attempts - since);
  }
}

class LockClient {
  readonly #held = new Set<string>();
  readonly #heldShared = new Set<string>();
  readonly #id: number;
  readonly #client: LineClient;
  readonly #random: () => number;
  readonly #view: (table: string, name: string) => LockView;

  constructor(
    id: number,
    client: LineClient,
    view: (table: string, name: string) => LockView,
  ) {
    this.#id = id;
    this.#client = client;
    this.#random = seededRandom(id);
    this.#view = view;
  }

  /** Resolves to the number of requests sent. */
  async step(): Promise<number> {
    const name = pick(this.#random, NAMES);
    const verb = pick(this.#random, ["g", "g", "r", "sg", "sg", "sr", "iam"]);
    if (verb === "iam") {
      assertEquals(await this.#client.ask(`iam t${this.#id}`), "1 ok");
      return 1;
    }
    const isShared = verb.startsWith("s");
    const view = this.#view(isShared ? "shared" : "exclusive", name);
    const held = isShared ? this.#heldShared : this.#held;
    if (verb.endsWith("g")) await this.#get(verb, name, view, held);
    else await this.#release(verb, name, view, held);
    return 1;
  }

  async #get(verb: string, name: string, view: LockView, held: Set<string>): Promise<void> {
    const before = new Map(view.candidates);
    const since = view.attempts;
    if (!held.has(name)) view.addCandidate(this.#id);
    const status = readStatus(await this.#client.ask(`${verb} ${name}`));
    assertEquals(status?.name, name);
    const others = view.others(this.#id, before, since + (held.has(name) ? 0 : 1));
    if (verb === "sg") {
      assertEquals(status?.phrase, "Shared Lock Get Success");
      assert(status!.code >= 1 && status!.code <= others + 1, `${status!.code} of ${others + 1}`);
    } else if (status?.code === 1) {
      assertEquals(status.phrase, "Lock Get Success");
      const otherHolders = [...view.holders].filter((id) => id !== this.#id);
      assertEquals(otherHolders, [], `"${name}" was granted while another client held it`);
    } else {
      assertEquals(status, { code: 0, phrase: "Lock Get Failure", name });
      assert(!held.has(name), `"${name}" was refused to its holder`);
      assert(others > 0, `"${name}" was refused although no other client requested it`);
      view.candidates.delete(this.#id);
      return;
    }
    view.holders.add(this.#id);
    held.add(name);
  }

  async #release(verb: string, name: string, view: LockView, held: Set<string>): Promise<void> {
    view.holders.delete(this.#id);
    const shared = verb === "sr" ? "Shared " : "";
    const expected = held.has(name)
      ? `1 ${shared}Lock Release Success: ${name}`
      : `0 ${shared}Lock Release Failure: ${name}`;
    assertEquals(await this.#client.ask(`${verb} ${name}`), expected);
    view.candidates.delete(this.#id);
    held.delete(name);
  }
}

const HOLDER = "(?:t\\d+|127\\.0\\.0\\.1:\\d+)";
const NAME = `(?:${NAMES.map((name) => name.replace(/[^\w ]/g, "\\$&")).join("|")})`;
const ENTRY = new RegExp(`^${NAME}: ${HOLDER}$`);

class ListClient {
  readonly #client: LineClient;
  readonly #random: () => number;
  #last = new Map<string, number>();

  constructor(id: number, client: LineClient) {
    this.#client = client;
    this.#random = seededRandom(id);
  }

  /** Resolves to the number of requests sent. */
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

  /** Checks that all fields are there and sorted, and that no counter of commands decreases. */
  #checkCounters(lines: readonly string[]): void {
    const fields = new Map(lines.map((line) => {
      const [, name = "", value] = /^([a-z_]+): (\d+)$/.exec(line) ?? [];
      return [name, Number(value)];
    }));
    assertEquals([...fields.keys()], [...fields.keys()].sort());
    assert(fields.size >= 16, `${fields.size} fields`);
    assertEquals(fields.get("connections"), LOCK_CLIENTS + LIST_CLIENTS);
    assertEquals(fields.get("invalid_commands"), 0);
    assert(fields.get("locks")! <= NAMES.length && fields.get("shared_locks")! <= NAMES.length);
    for (const [name, value] of fields) {
      if (name.startsWith("command_")) assert(value >= (this.#last.get(name) ?? 0), name);
    }
    this.#last = fields;
  }
}

async function crowd(address: Address): Promise<number> {
  const tables = new Map<string, LockView>();
  const view = (table: string, name: string) => {
    const key = `${table} ${name}`;
    if (!tables.has(key)) tables.set(key, new LockView());
    return tables.get(key)!;
  };
  const clients: LineClient[] = [];
  for (let i = 0; i < LOCK_CLIENTS + LIST_CLIENTS; i++) {
    clients.push(await LineClient.dial(address));
  }
  for (const client of clients) await client.ask("me");
  let requests = clients.length;
  const work = clients.map(async (client, id) => {
    const actor = id < LOCK_CLIENTS ? new LockClient(id, client, view) : new ListClient(id, client);
    while (requests < REQUESTS) {
      const sent = await actor.step();
      requests += sent;
    }
  });
  await Promise.all(work);
  for (const client of clients) client[Symbol.dispose]();
  return requests;
}

Deno.test("every reply to 100,000 requests of 20 lock clients and 10 listing clients can be right", async () => {
  await using server = await startProgram(commandUnderTest());
  const requests = await crowd(server.tcp);
  assert(requests >= REQUESTS);
  using other = await LineClient.dial(server.tcp);
  assertEquals(await other.ask("i build"), "0 Lock Not Locked: build");
});
