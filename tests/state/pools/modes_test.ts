/** Who goes when a new consumer asks a pool: sticky, queued, queued-DD. */
import type { PoolMode } from "../../../lib/state/pools/model.ts";
import { setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { setMode } from "../../../lib/state/pools/table.ts";
import { assertEquals } from "../../support/assert.ts";
import { type Description, World } from "../../support/pools.ts";

/** Closes a resource of p in the one way and in the other. */
const CLOSINGS: readonly ((world: World, name: string) => World)[] = [
  (world, name) => world.given(setFrozen, name, "p", true),
  (world, name) => world.lock("p", name),
];

/** A world whose pool p was filled in turn by these consumers, serially: a first, then b. */
function filled(description: Description, mode: PoolMode, ...consumers: string[]): World {
  const world = new World(description, { seed: "serial" });
  for (const consumer of consumers) world.pass(1).consume("p", consumer);
  return world.given(setMode, mode, "p");
}

Deno.test("sticky refuses a new consumer of a full pool", () => {
  const world = filled({ p: { a: 1, b: 1 } }, "sticky", "ada", "bob");
  assertEquals(world.consume("p", "cyd"), "no room");
  assertEquals(world.holders("p"), "ada@a bob@b");
});

Deno.test("queued ends the session with the oldest contact", () => {
  const world = filled({ p: { a: 1, b: 1 } }, "queued", "ada", "bob");
  assertEquals(world.consume("p", "cyd"), "a");
  assertEquals(world.holders("p"), "bob@b cyd@a");
  assertEquals(world.consume("p", "bob", "ada"), "b, a");
  assertEquals(world.holders("p"), "bob@b ada@a");
});

Deno.test("within one tick, contacts are as old as they came", () => {
  const world = new World({ p: { a: 1, b: 1, c: 1 } }, { mode: "queued" });
  assertEquals(world.consume("p", "ada", "bob", "cyd", "ada", "dan"), "a, b, c, a, b");
  assertEquals(world.holders("p"), "cyd@c ada@a dan@b");
});

Deno.test("no mode ends a session while there is room", () => {
  for (const mode of ["sticky", "queued", 3] as const) {
    const world = filled({ p: { a: 2, b: 1 } }, mode, "ada", "bob");
    assertEquals(world.consume("p", "cyd"), "b", `${mode}`);
    assertEquals(world.holders("p"), "ada@a bob@a cyd@b", `${mode}`);
  }
});

Deno.test("queued passes over sessions on frozen and on locked resources", () => {
  for (const [index, close] of CLOSINGS.entries()) {
    for (const mode of ["queued", 2] as const) {
      const world = close(filled({ p: { a: 1, b: 1 } }, mode, "ada", "bob"), "a");
      assertEquals(world.consume("p", "cyd"), "b", `closing ${index}, ${mode}`);
      assertEquals(world.holders("p"), "ada@a cyd@b", `closing ${index}, ${mode}`);
      close(world, "b");
      assertEquals(world.consume("p", "dan"), "no room", `closing ${index}, ${mode}`);
    }
  }
});

Deno.test("room on a frozen or locked resource is no room: queued ends a session elsewhere", () => {
  for (const close of CLOSINGS) {
    const world = close(filled({ p: { a: 1, b: 1 } }, "queued", "ada"), "b");
    assertEquals([world.consume("p", "bob"), world.holders("p")], ["a", "bob@a"]);
  }
});

Deno.test("queued passes over sessions whose resource would stay full", () => {
  const cases: [(world: World) => World, chosen: string, holders: string][] = [
    [(world) => world, "a", "bob@a cyd@a dan@b eve@a"],
    [(world) => world.given(setResource, "a", 2, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(world) => world.given(setResource, "a", 1, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(world) => world.given(setRatio, "a", 5_000, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(world) => world.given(setRatio, "a", 1, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(world) => world.given(setUsed, "a", 4, "p"), "b", "ada@a bob@a cyd@a eve@b"],
    [(world) => world.given(setUsed, "b", 2, "p"), "a", "bob@a cyd@a dan@b eve@a"],
  ];
  for (const [index, [give, chosen, holders]] of cases.entries()) {
    const world = give(filled({ p: { a: 3, b: 1 } }, "queued", "ada", "bob", "cyd", "dan"));
    assertEquals(world.consume("p", "eve"), chosen, `case ${index}`);
    assertEquals(world.holders("p"), holders, `case ${index}`);
  }
});

Deno.test("queued refuses when no end of a session would open its resource", () => {
  const closings: ((world: World) => World)[] = [
    (world) => world.given(setResource, "a", 1, "p"),
    (world) => world.given(setUsed, "a", 3, "p"),
    (world) => world.given(setRatio, "a", 4_999, "p"),
    (world) => world.given(setUsed, "a", 0, "p").given(setRatio, "a", 1, "p"),
  ];
  for (const [index, close] of closings.entries()) {
    const world = close(filled({ p: { a: 2 } }, "queued", "ada", "bob"));
    assertEquals(world.consume("p", "cyd"), "no room", `case ${index}`);
    assertEquals(world.holders("p"), "ada@a bob@a", `case ${index}`);
  }
});

Deno.test("a pool without sessions or without resources has nobody to end", () => {
  for (const mode of ["sticky", "queued", 1] as const) {
    const world = new World({ p: { a: 1 }, empty: {} }, { mode }).given(setUsed, "a", 1);
    assertEquals([world.consume("p", "ada"), world.consume("empty", "ada")], [
      "no room",
      "no room",
    ], `${mode}`);
  }
});

Deno.test("a coupled resource that other pools fill is opened by a session of this pool only", () => {
  const description = { p: { r: 2, b: 1 }, q: { r: 2 } };
  for (const [holder, chosen] of [["p", "r"], ["q", "no room"]] as const) {
    const world = new World(description, { mode: "queued", coupled: ["r"] });
    world.given(setFrozen, "b", "p", true);
    assertEquals(world.consume(holder, "ada") + world.consume("q", "bob"), "rr");
    assertEquals(world.consume("p", "cyd"), chosen);
    assertEquals(world.holders("q"), holder === "q" ? "ada@r bob@r" : "bob@r");
  }
});

Deno.test("a coupled resource that would stay full by other pools' sessions is passed over", () => {
  const description = { p: { r: 3, b: 1 }, q: { r: 3 } };
  const world = new World(description, { seed: "serial", mode: "queued", coupled: ["r"] });
  assertEquals(world.consume("p", "ada") + world.consume("q", "bob", "cyd"), "rr, r");
  assertEquals(world.consume("p", "dan"), "b");
  world.given(setResource, "r", 2, "q");
  assertEquals([world.consume("p", "eve"), world.holders("p")], ["b", "ada@r eve@b"]);
  world.given(setFrozen, "b", "p", true);
  assertEquals(world.consume("p", "fay"), "no room");
});

Deno.test("queued-DD ends the oldest session when the pool has DD, then the seed method picks", () => {
  const world = filled({ p: { a: 2, b: 9 } }, 2, "ada", "bob");
  assertEquals([world.consume("p", "cyd"), world.holders("p")], ["a", "bob@a cyd@a"]);
  world.given(setFrozen, "a", "p", true);
  assertEquals(world.consume("p", "dan"), "no room");
  world.given(setFrozen, "a", "p", false).given(setUsed, "a", 3, "p");
  assertEquals([world.consume("p", "dan"), world.holders("p")], ["b", "cyd@a dan@b"]);
});

Deno.test("queued-1 has one session at a time", () => {
  const world = new World({ p: { a: 5, b: 5 } }, { mode: 1 });
  assertEquals(world.consume("p", "ada", "bob", "cyd"), "a, a, a");
  assertEquals(world.holders("p"), "cyd@a");
});

Deno.test("queued-DD below DD is like queued", () => {
  const world = filled({ p: { a: 1, b: 1 } }, 9, "ada", "bob");
  assertEquals([world.consume("p", "cyd"), world.holders("p")], ["a", "bob@b cyd@a"]);
  const stuck = filled({ p: { a: 2 } }, 9, "ada", "bob").given(setResource, "a", 1, "p");
  assertEquals(stuck.consume("p", "cyd"), "no room");
});

Deno.test("a smaller size ends nobody until the next new consumer asks", () => {
  const world = filled({ p: { a: 3, b: 9 } }, 9, "ada", "bob", "cyd", "dan", "eve");
  assertEquals(world.ask(setMode, 3, "p"), "dirty");
  assertEquals(world.consume("p", "ada", "bob"), "a, a");
  assertEquals(world.holders("p"), "cyd@a dan@b eve@b ada@a bob@a");
  assertEquals(world.consume("p", "fay"), "b");
  assertEquals(world.holders("p"), "ada@a bob@a fay@b");
});

Deno.test("queued-DD counts all sessions, and ends those that are not frozen or locked", () => {
  for (const close of CLOSINGS) {
    const world = filled({ p: { a: 2, b: 9 } }, 9, "ada", "bob", "cyd", "dan", "eve");
    close(world, "a").given(setMode, 3, "p");
    assertEquals([world.consume("p", "fay"), world.holders("p")], ["b", "ada@a bob@a fay@b"]);
  }
});

Deno.test("all of a full queued-DD on closed resources: no room, although another is open", () => {
  for (const close of CLOSINGS) {
    const world = close(filled({ p: { a: 2, b: 9 } }, 2, "ada", "bob"), "a");
    assertEquals(world.consume("p", "cyd"), "no room");
    assertEquals(world.holders("p"), "ada@a bob@a");
  }
});

Deno.test("when fewer than needed can end, none does", () => {
  for (const close of CLOSINGS) {
    const world = filled({ p: { a: 2, b: 9 } }, 9, "ada", "bob", "cyd", "dan");
    close(world, "a").given(setMode, 2, "p");
    assertEquals(world.consume("p", "eve"), "no room");
    assertEquals(world.holders("p"), "ada@a bob@a cyd@b dan@b");
  }
  const world = new World({ p: { a: 9, b: 9, c: 9 } }, { seed: "parallel" });
  world.consume("p", "ada", "bob", "cyd", "dan", "eve", "fay");
  world.given(setFrozen, "c", "p", true).given(setMode, 2, "p");
  assertEquals(world.consume("p", "gus"), "no room");
  assertEquals(world.holders("p"), "ada@a bob@b cyd@c dan@a eve@b fay@c");
});

Deno.test("when enough could end for the size but nothing would be open, none does", () => {
  const world = filled({ p: { a: 5 } }, 3, "ada", "bob", "cyd").given(setResource, "a", 1, "p");
  assertEquals([world.consume("p", "dan"), world.holders("p")], ["no room", "ada@a bob@a cyd@a"]);
  const used = filled({ p: { a: 9, b: 1 } }, 9, "ada", "bob", "cyd", "dan");
  used.given(setMode, 2, "p").given(setUsed, "a", 20, "p").given(setUsed, "b", 2, "p");
  assertEquals(used.consume("p", "eve"), "no room");
});

Deno.test("what queued-DD ends for its size may leave all full: one more ends, as in queued", () => {
  const world = filled({ p: { a: 2, b: 1 } }, 3, "ada", "bob", "cyd");
  world.given(setResource, "a", 1, "p");
  assertEquals([world.consume("p", "dan"), world.holders("p")], ["a", "cyd@b dan@a"]);
});

Deno.test("sessions of other pools neither count nor end for a size", () => {
  const world = new World({ p: { r: 9 }, q: { r: 9 } }, { mode: 2, coupled: ["r"] });
  assertEquals(world.consume("q", "ada", "bob") + world.consume("p", "ada", "bob"), "r, rr, r");
  assertEquals(world.consume("p", "cyd"), "r");
  assertEquals([world.holders("p"), world.holders("q")], ["bob@r cyd@r", "ada@r bob@r"]);
});
