/** Which sessions a pool evicts for a new consumer: sticky, queued, queued-DD. */
import type { PoolMode } from "../../../lib/state/pools/model.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { setMode } from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { type Description, PoolFixture } from "../../support/pools.ts";

/** The two ways to close a resource of p. */
const CLOSINGS: readonly ((fixture: PoolFixture, name: string) => PoolFixture)[] = [
  (fixture, name) => fixture.apply(setFrozen, name, "p", true),
  (fixture, name) => fixture.lock("p", name),
];

/** Returns a fixture whose pool p these consumers filled serially: a first, then b. */
function filled(description: Description, mode: PoolMode, ...consumers: string[]): PoolFixture {
  const fixture = new PoolFixture(description, { seed: "serial" });
  for (const consumer of consumers) fixture.advance(1).consume("p", consumer);
  return fixture.apply(setMode, mode, "p");
}

Deno.test("sticky refuses a new consumer when the pool is full", () => {
  const fixture = filled({ p: { a: 1, b: 1 } }, "sticky", "ada", "bob");
  assertEquals(fixture.consume("p", "cyd"), "no room");
  assertEquals(fixture.sessions("p"), "ada@a bob@b");
});

Deno.test("queued evicts the session with the oldest contact", () => {
  const fixture = filled({ p: { a: 1, b: 1 } }, "queued", "ada", "bob");
  assertEquals(fixture.consume("p", "cyd"), "a");
  assertEquals(fixture.sessions("p"), "bob@b cyd@a");
  assertEquals(fixture.consume("p", "bob", "ada"), "b, a");
  assertEquals(fixture.sessions("p"), "bob@b ada@a");
});

Deno.test("contacts within one tick of the clock are ordered by arrival", () => {
  const fixture = new PoolFixture({ p: { a: 1, b: 1, c: 1 } }, { mode: "queued" });
  assertEquals(fixture.consume("p", "ada", "bob", "cyd", "ada", "dan"), "a, b, c, a, b");
  assertEquals(fixture.sessions("p"), "cyd@c ada@a dan@b");
});

Deno.test("no mode evicts a session while there is room", () => {
  for (const mode of ["sticky", "queued", 3] as const) {
    const fixture = filled({ p: { a: 2, b: 1 } }, mode, "ada", "bob");
    assertEquals(fixture.consume("p", "cyd"), "b", `${mode}`);
    assertEquals(fixture.sessions("p"), "ada@a bob@a cyd@b", `${mode}`);
  }
});

Deno.test("queued skips sessions on frozen and on locked resources", () => {
  for (const [index, close] of CLOSINGS.entries()) {
    for (const mode of ["queued", 2] as const) {
      const fixture = close(filled({ p: { a: 1, b: 1 } }, mode, "ada", "bob"), "a");
      assertEquals(fixture.consume("p", "cyd"), "b", `closing ${index}, ${mode}`);
      assertEquals(fixture.sessions("p"), "ada@a cyd@b", `closing ${index}, ${mode}`);
      close(fixture, "b");
      assertEquals(fixture.consume("p", "dan"), "no room", `closing ${index}, ${mode}`);
    }
  }
});

Deno.test("queued does not use room on a frozen or locked resource, and evicts elsewhere", () => {
  for (const close of CLOSINGS) {
    const fixture = close(filled({ p: { a: 1, b: 1 } }, "queued", "ada"), "b");
    assertEquals([fixture.consume("p", "bob"), fixture.sessions("p")], ["a", "bob@a"]);
  }
});

Deno.test("queued skips sessions whose resource would stay full", () => {
  const cases: [(fixture: PoolFixture) => PoolFixture, chosen: string, holders: string][] = [
    [(fixture) => fixture, "a", "bob@a cyd@a dan@b eve@a"],
    [(fixture) => fixture.apply(setResource, "a", 2, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(fixture) => fixture.apply(setResource, "a", 1, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(fixture) => fixture.apply(setRatio, "a", 5_000, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(fixture) => fixture.apply(setRatio, "a", 1, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(fixture) => fixture.apply(setUsed, "a", 4, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(fixture) => fixture.apply(setUsed, "b", 2, "p"), "a", "bob@a cyd@a dan@b eve@a"],
  ];
  for (const [index, [give, chosen, holders]] of cases.entries()) {
    const fixture = give(filled({ p: { a: 3, b: 1 } }, "queued", "ada", "bob", "cyd", "dan"));
    assertEquals(fixture.consume("p", "eve"), chosen, `case ${index}`);
    assertEquals(fixture.sessions("p"), holders, `case ${index}`);
  }
});

Deno.test("queued refuses when no eviction would open a resource", () => {
  const closings: ((fixture: PoolFixture) => PoolFixture)[] = [
    (fixture) => fixture.apply(setResource, "a", 1, "p"),
    (fixture) => fixture.apply(setUsed, "a", 3, "p"),
    (fixture) => fixture.apply(setRatio, "a", 4_999, "p"),
    (fixture) => fixture.apply(setUsed, "a", 0, "p").apply(setRatio, "a", 1, "p"),
  ];
  for (const [index, close] of closings.entries()) {
    const fixture = close(filled({ p: { a: 2 } }, "queued", "ada", "bob"));
    assertEquals(fixture.consume("p", "cyd"), "no room", `case ${index}`);
    assertEquals(fixture.sessions("p"), "ada@a bob@a", `case ${index}`);
  }
});

Deno.test("no mode finds room in a pool without sessions or without resources", () => {
  for (const mode of ["sticky", "queued", 1] as const) {
    const fixture = new PoolFixture({ p: { a: 1 }, empty: {} }, { mode }).apply(setUsed, "a", 1);
    assertEquals([fixture.consume("p", "ada"), fixture.consume("empty", "ada")], [
      "no room",
      "no room",
    ], `${mode}`);
  }
});

Deno.test("queued evicts only sessions of its own pool from a coupled resource", () => {
  const description = { p: { r: 2, b: 1 }, q: { r: 2 } };
  for (const [holder, chosen] of [["p", "r"], ["q", "no room"]] as const) {
    const fixture = new PoolFixture(description, { mode: "queued", coupled: ["r"] });
    fixture.apply(setFrozen, "b", "p", true);
    assertEquals(fixture.consume(holder, "ada") + fixture.consume("q", "bob"), "rr");
    assertEquals(fixture.consume("p", "cyd"), chosen);
    assertEquals(fixture.sessions("q"), holder === "q" ? "ada@r bob@r" : "bob@r");
  }
});

Deno.test("queued skips a coupled resource that sessions of other pools keep full", () => {
  const description = { p: { r: 3, b: 1 }, q: { r: 3 } };
  const fixture = new PoolFixture(description, { seed: "serial", mode: "queued", coupled: ["r"] });
  assertEquals(fixture.consume("p", "ada") + fixture.consume("q", "bob", "cyd"), "rr, r");
  assertEquals(fixture.consume("p", "dan"), "b");
  fixture.apply(setResource, "r", 2, "q");
  assertEquals([fixture.consume("p", "eve"), fixture.sessions("p")], ["b", "ada@r eve@b"]);
  fixture.apply(setFrozen, "b", "p", true);
  assertEquals(fixture.consume("p", "fay"), "no room");
});

Deno.test("queued-DD evicts the oldest session at DD sessions, then the seed method picks", () => {
  const fixture = filled({ p: { a: 2, b: 9 } }, 2, "ada", "bob");
  assertEquals([fixture.consume("p", "cyd"), fixture.sessions("p")], ["a", "bob@a cyd@a"]);
  fixture.apply(setFrozen, "a", "p", true);
  assertEquals(fixture.consume("p", "dan"), "no room");
  fixture.apply(setFrozen, "a", "p", false).apply(setUsed, "a", 3, "p");
  assertEquals([fixture.consume("p", "dan"), fixture.sessions("p")], ["b", "cyd@a dan@b"]);
});

Deno.test("queued-1 allows one session at a time", () => {
  const fixture = new PoolFixture({ p: { a: 5, b: 5 } }, { mode: 1 });
  assertEquals(fixture.consume("p", "ada", "bob", "cyd"), "a, a, a");
  assertEquals(fixture.sessions("p"), "cyd@a");
});

Deno.test("queued-DD behaves like queued below DD sessions", () => {
  const fixture = filled({ p: { a: 1, b: 1 } }, 9, "ada", "bob");
  assertEquals([fixture.consume("p", "cyd"), fixture.sessions("p")], ["a", "bob@b cyd@a"]);
  const full = filled({ p: { a: 2 } }, 9, "ada", "bob").apply(setResource, "a", 1, "p");
  assertEquals(full.consume("p", "cyd"), "no room");
});

Deno.test("a smaller DD evicts no session until the next new consumer asks", () => {
  const fixture = filled({ p: { a: 3, b: 9 } }, 9, "ada", "bob", "cyd", "dan", "eve");
  assertEquals(fixture.attempt(setMode, 3, "p"), "dirty");
  assertEquals(fixture.consume("p", "ada", "bob"), "a, a");
  assertEquals(fixture.sessions("p"), "cyd@a dan@b eve@b ada@a bob@a");
  assertEquals(fixture.consume("p", "fay"), "b");
  assertEquals(fixture.sessions("p"), "ada@a bob@a fay@b");
});

Deno.test("queued-DD counts all sessions, and evicts from open resources only", () => {
  for (const close of CLOSINGS) {
    const fixture = filled({ p: { a: 2, b: 9 } }, 9, "ada", "bob", "cyd", "dan", "eve");
    close(fixture, "a").apply(setMode, 3, "p");
    assertEquals([fixture.consume("p", "fay"), fixture.sessions("p")], ["b", "ada@a bob@a fay@b"]);
  }
});

Deno.test("queued-DD refuses when all its DD sessions are on closed resources", () => {
  for (const close of CLOSINGS) {
    const fixture = close(filled({ p: { a: 2, b: 9 } }, 2, "ada", "bob"), "a");
    assertEquals(fixture.consume("p", "cyd"), "no room");
    assertEquals(fixture.sessions("p"), "ada@a bob@a");
  }
});

Deno.test("queued-DD evicts none when fewer than needed can be evicted", () => {
  for (const close of CLOSINGS) {
    const fixture = filled({ p: { a: 2, b: 9 } }, 9, "ada", "bob", "cyd", "dan");
    close(fixture, "a").apply(setMode, 2, "p");
    assertEquals(fixture.consume("p", "eve"), "no room");
    assertEquals(fixture.sessions("p"), "ada@a bob@a cyd@b dan@b");
  }
  const fixture = new PoolFixture({ p: { a: 9, b: 9, c: 9 } }, { seed: "parallel" });
  fixture.consume("p", "ada", "bob", "cyd", "dan", "eve", "fay");
  fixture.apply(setFrozen, "c", "p", true).apply(setMode, 2, "p");
  assertEquals(fixture.consume("p", "gus"), "no room");
  assertEquals(fixture.sessions("p"), "ada@a bob@b cyd@c dan@a eve@b fay@c");
});

Deno.test("queued-DD evicts none when no resource would be open afterwards", () => {
  const fixture = filled({ p: { a: 5 } }, 3, "ada", "bob", "cyd").apply(setResource, "a", 1, "p");
  assertEquals([fixture.consume("p", "dan"), fixture.sessions("p")], [
    "no room",
    "ada@a bob@a cyd@a",
  ]);
  const used = filled({ p: { a: 9, b: 1 } }, 9, "ada", "bob", "cyd", "dan");
  used.apply(setMode, 2, "p").apply(setUsed, "a", 20, "p").apply(setUsed, "b", 2, "p");
  assertEquals(used.consume("p", "eve"), "no room");
});

Deno.test("queued-DD evicts one more when all resources are full below DD sessions", () => {
  const fixture = filled({ p: { a: 2, b: 1 } }, 3, "ada", "bob", "cyd");
  fixture.apply(setResource, "a", 1, "p");
  assertEquals([fixture.consume("p", "dan"), fixture.sessions("p")], ["a", "cyd@b dan@a"]);
});

Deno.test("queued-DD neither counts nor evicts sessions of other pools", () => {
  const fixture = new PoolFixture({ p: { r: 9 }, q: { r: 9 } }, { mode: 2, coupled: ["r"] });
  assertEquals(fixture.consume("q", "ada", "bob") + fixture.consume("p", "ada", "bob"), "r, rr, r");
  assertEquals(fixture.consume("p", "cyd"), "r");
  assertEquals([fixture.sessions("p"), fixture.sessions("q")], ["bob@r cyd@r", "ada@r bob@r"]);
});
