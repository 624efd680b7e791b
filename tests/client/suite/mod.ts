/** All cases of the suite. */
import { basics } from "./basics.ts";
import { loss } from "./loss.ts";
import { pools } from "./pools.ts";
import type { TestCase } from "./suite.ts";
import { waiting } from "./waiting.ts";
import { watching } from "./watching.ts";
import { webLocks } from "./web_locks.ts";

export { type Api, runCase, type Transport } from "./suite.ts";

export const cases: readonly TestCase[] = [
  ...basics,
  ...waiting,
  ...loss,
  ...watching,
  ...webLocks,
  ...pools,
];
