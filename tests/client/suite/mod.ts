/** All cases. */
import { basics } from "./basics.ts";
import { losing } from "./losing.ts";
import { pools } from "./pools.ts";
import type { Case } from "./suite.ts";
import { waiting } from "./waiting.ts";
import { watching } from "./watching.ts";
import { webLocks } from "./web_locks.ts";

export { type Api, type Case, type Kind, runCase, type Setting } from "./suite.ts";

export const cases: readonly Case[] = [
  ...basics,
  ...waiting,
  ...losing,
  ...watching,
  ...webLocks,
  ...pools,
];
