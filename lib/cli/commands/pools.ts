/** `holdfast pools [POOL]`: a row for each resource of each pool. */
import { EXIT } from "../exit_codes.ts";
import type { ParsedOptions } from "../options.ts";
import { connectPools } from "../connect.ts";
import { poolsUrl } from "../defaults.ts";
import { columns, harmless } from "../terminal_text.ts";
import { writeSpan } from "../durations.ts";
import { print } from "../usage.ts";

/** docs/protocol/looky.md, "Native replies"; what of it the table shows. */
interface Printed {
  readonly pool: Readonly<Record<string, Pool>>;
}

interface Pool {
  readonly latency: number;
  readonly mode: string;
  readonly seed: string;
  readonly resource: readonly Resource[];
}

interface Resource {
  readonly name: string;
  readonly have: { readonly effective: number };
  readonly used: { readonly effective: number };
}

export async function pools(given: ParsedOptions): Promise<number> {
  await using client = await connectPools(poolsUrl(given.text("url")), {});
  if (given.has("names")) {
    const names = await client.listPools();
    return await print(names.map((name) => `${harmless(name)}\n`).join(""));
  }
  const { json } = await client.ask("print-pool", given.operands, { native: true });
  if (given.has("json")) return await print(`${JSON.stringify(json)}\n`);
  const { pool } = json as Printed;
  if (Object.keys(pool).length === 0) return EXIT.ok;
  return await print(tableOf(pool));
}

export function tableOf(pools: Printed["pool"]): string {
  const rows = Object.entries(pools).flatMap(([name, { resource, seed, mode, latency }]) => {
    const pool = [harmless(name), seed, mode, writeSpan(latency * 1000)];
    if (resource.length === 0) return [[...pool, "(none)"]];
    return resource.map((one, i) => [
      ...(i === 0 ? pool : pool.map(() => "")),
      harmless(one.name),
      `${one.used.effective} of ${one.have.effective}`,
    ]);
  });
  return columns([["POOL", "SEED", "MODE", "KEEPS", "RESOURCE", "USED"], ...rows]);
}
