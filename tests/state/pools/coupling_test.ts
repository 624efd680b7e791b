/** Shared and coupled resources: couple and decouple of section 2.2. */
import { release } from "../../../lib/state/pools/assign.ts";
import { couple, decouple } from "../../../lib/state/pools/coupling.ts";
import { dropResource, setResource } from "../../../lib/state/pools/resources.ts";
import { setFrozen, setRatio, setUsed } from "../../../lib/state/pools/run_time.ts";
import { assertEquals } from "../../support/assert.ts";
import { busyWorld, World } from "../../support/pools.ts";

/** given, ratio, counted and offset of a budget. */
type Numbers = [given: number, ratio: number, counted: number, offset: number];

/** Resource r in p, q and so on, each with such a budget. */
function worldOf(...budgets: Numbers[]): World {
  const world = new World();
  const pools = ["p", "q", "s"].slice(0, budgets.length);
  for (const [index, [given, ratio, counted, offset]] of budgets.entries()) {
    const pool = pools[index]!;
    world.given((table) => setUp(table, pool));
    world.given(setResource, "r", 1_000, pool);
    for (let i = 0; i < counted; i++) world.consume(pool, `${i}`);
    world.given(setUsed, "r", 0, pool);
    world.resource(pool, "r").budget.offset = offset;
    world.given(setResource, "r", given, pool).given(setRatio, "r", ratio, pool);
  }
  return world;
}
