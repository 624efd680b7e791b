/** Displays whose pools change between the pieces of the reply: lines and JSON stay complete. */
import { TimeSlice } from "../../lib/runtime/time_slice.ts";
import { display } from "../../lib/commands/looky/display.ts";
import type { Context } from "../../lib/dispatch/context.ts";
import { MemoryEngine } from "../../lib/engine/memory.ts";
import { consume, releaseResource } from "../../lib/state/pools/assign.ts";
import { couple, decouple } from "../../lib/state/pools/coupling.ts";
import type { Pools } from "../../lib/state/pools/model.ts";
import { dropResource, setResource } from "../../lib/state/pools/resources.ts";
import { setFrozen } from "../../lib/state/pools/run_time.ts";
import { addPool, dropPool, newPools } from "../../lib/state/pools/table.ts";
import { readHead, readRequest } from "../../lib/wire/looky.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { HandClock } from "../support/hand_clock.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

const POOLS = 400;
const RESOURCES = 600;
const CONSUMERS = 600;

/** Pools that no test changes. */
const UNCHANGED = ["pool-0", "pool-77", "pool-399"];

class Fixture {
  readonly clock = new HandClock();
  readonly pools: Pools = newPools({ latencyMs: 1000, seed: "parallel", mode: "sticky" });
  readonly #context: Context;

  constructor() {
    const engine = new MemoryEngine(this.pools, this.clock, new TimeSlice());
    this.#context = { engine, program: { clock: this.clock } } as unknown as Context;
    for (let i = 0; i < POOLS; i++) addPool(this.pools, `pool-${i}`);
    setResource(this.pools, "host", CONSUMERS);
    for (let i = 0; i < RESOURCES; i++) setResource(this.pools, `host-${i}`, 9, "pool-0");
    for (let i = 0; i < CONSUMERS; i++) {
      consume(this.pools, "pool-77", `user-${i}`, this.clock.nowMs);
    }
    for (const name of UNCHANGED) consume(this.pools, name, "ada", this.clock.nowMs);
  }

  /** Returns the reply to a line; calls `meanwhile` after each of its pieces. */
  ask(line: string, meanwhile: () => void = () => {}): string {
    const request = readRequest(line)!;
    const row = display.find(({ usage }) => usage.split(" ")[0] === request.verb)!;
    let reply = "";
    for (const piece of row.run(request, this.#context) as Iterable<string>) {
      reply += piece;
      meanwhile();
    }
    return reply;
  }

  /** Makes a random change that displays show, but not in the unchanged pools. */
  changeRandomly(random: () => number): void {
    const { pools, clock: { nowMs } } = this;
    let pool = `pool-${below(random, POOLS)}`;
    if (UNCHANGED.includes(pool)) pool = "pool-1";
    const resource = `host-${below(random, RESOURCES)}`;
    const consumer = `user-${below(random, CONSUMERS)}`;
    pick(random, [
      () => dropPool(pools, pool),
      () => addPool(pools, pool),
      () => addPool(pools, `new-${below(random, 1e6)}`),
      () => dropResource(pools, "host", pool),
      () => setResource(pools, "host", 1 + below(random, 1e6), pool),
      () => dropResource(pools, resource),
      () => setResource(pools, resource, 1 + below(random, 1e6), "pool-0"),
      () => setResource(pools, `host-new-${below(random, 1e6)}`, 1, "pool-0"),
      () => couple(pools, resource),
      () => decouple(pools, resource),
      () => setFrozen(pools, "host", "pool-77", below(random, 2) === 0),
      () => consume(pools, "pool-77", consumer, nowMs),
      () => releaseResource(pools, "pool-77", consumer),
      () => consume(pools, "pool-77", `guest-${below(random, 1e6)}`, nowMs),
    ])();
  }
}

const REQUESTS = [
  "list-pool",
  "list-resource",
  "print-pool",
  "print-pool pool-0",
  "print-resource host",
  "print-resource pool-77 host",
  "print-consumer ada",
];

const LINES = new RegExp(`^(${
  [
    "[a-z-]+ (\\S+ )?= [\\[{].*",
    "(pool|resource|consumer) \\S+ (= )?(\\{|undef)",
    " *(consumer|have|used|resource) = (#\\d+ )?\\{",
    " *[a-z-]+ = [-a-z0-9.,%]+( sec)?",
    " *\\S+ = (shared|coupled)",
    " *\\S+ = \\d{4}-\\d\\d-\\d\\d / \\d\\d:\\d\\d:\\d\\d \\(\\d+\\)",
    "\\S+/host = undef",
    " *#\\d{3,} \\S+: have=\\d+\\(\\d+\\), used=\\d+\\(\\d+\\) \\(\\d+%\\)",
    " *[\\]}]",
  ].join("|")
})$`);

function jsonOf(reply: string): unknown {
  const end = reply.indexOf("\r\n") + 2;
  const length = Number(readHead(reply.slice(0, end))!.parameters.get("length"));
  assertEquals(reply.length, end + length + 2);
  return JSON.parse(reply.slice(end, end + length));
}

for (const request of REQUESTS) {
  Deno.test(`${request} writes complete lines while the pools change`, () => {
    for (const seed of someSeeds()) {
      const [fixture, random] = [new Fixture(), seededRandom(seed)];
      const lines = fixture.ask(request, () => fixture.changeRandomly(random)).split("\r\n");
      assertEquals(lines[0], "LOOKY/1.0 201 OK:multiline=yes");
      assertEquals(lines.slice(-2), ["", ""]);
      for (const line of lines.slice(1, -2)) assertMatch(line, LINES, `seed ${seed}`);
    }
  });

  Deno.test(`!${request} writes complete JSON while the pools change`, () => {
    for (const seed of someSeeds()) {
      const [fixture, random] = [new Fixture(), seededRandom(seed)];
      const [value] = Object.values(
        jsonOf(fixture.ask(`!${request}`, () => fixture.changeRandomly(random))) as Record<
          string,
          object
        >,
      );
      const names = Array.isArray(value) ? value : Object.keys(value!);
      assertEquals(new Set(names).size, names.length);
      if (request.includes("resource") || request.includes(" pool")) continue;
      assertEquals(UNCHANGED.filter((name) => !names.includes(name)), [], `seed ${seed}`);
    }
  });
}

Deno.test("print-consumer finds a consumer in the last of very many pools, and refuses an unknown one", () => {
  const fixture = new Fixture();
  for (const name of UNCHANGED.slice(0, 2)) releaseResource(fixture.pools, name, "ada");
  const found = fixture.ask("print-consumer ada").split("\r\n");
  assertEquals(found.filter((line) => line.endsWith("= undef")).length, POOLS - 1);
  assertEquals(found.filter((line) => line === "consumer pool-399/ada = {").length, 1);
  assert(fixture.ask("print-consumer bob").startsWith("LOOKY/1.0 404 ERR"));
  assert(fixture.ask("!print-consumer bob").startsWith("LOOKY/1.0 404 ERR"));
});

Deno.test("print-resource omits sessions that expire before their line is read", () => {
  const fixture = new Fixture();
  const advance = () => {
    fixture.clock.nowMs += 600;
  };
  const names = [...fixture.ask("print-resource pool-77 host", advance).matchAll(/user-(\d+)/g)];
  assert(names.length > 0 && names.length < CONSUMERS, `${names.length}`);
});
