/** The arguments of the benchmark runner. */
import { readOptions } from "../../bench/options.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const KNOWN = ["sockets", "startup", "all"];

Deno.test("readOptions() reads scenarios and options in any order", () => {
  const args = ["sockets", "--rounds", "3", "startup", "--quick", "--seconds=0.5", "--out", "/x"];
  assertEquals(readOptions(args, KNOWN), {
    scenarios: ["sockets", "startup"],
    isQuick: true,
    rounds: 3,
    seconds: 0.5,
    executable: undefined,
    out: "/x",
  });
  assertEquals(readOptions([], KNOWN).scenarios, []);
});

Deno.test("readOptions() throws for unknown options and scenarios, and for bad numbers", () => {
  assertThrows(() => readOptions(["--fast"], KNOWN), Error, 'option "--fast"');
  assertThrows(() => readOptions(["socket"], KNOWN), Error, "there are sockets, startup, all");
  for (const value of ["0", "x", ""]) {
    assertThrows(() => readOptions([`--rounds=${value}`], KNOWN), Error, "--rounds");
  }
});
