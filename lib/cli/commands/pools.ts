/** `holdfast pools [POOL]`: prints a row for each resource of each pool. */
import type { ParsedArguments } from "../../args/parse.ts";
import { connectPools } from "../connect.ts";
import { poolsUrl } from "../defaults.ts";
import { formatDuration } from "../durations.ts";
import { EXIT } from "../exit_codes.ts";
import { escapeControls, formatColumns } from "../terminal_text.ts";
import { print } from "../usage.ts";

/** The part of the reply that the table shows; see docs/protocol/looky.md, "Native replies". */
interface PrintedPools {
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

export async function pools(args: ParsedArguments): Promise<number> {
  await using client = await connectPools(poolsUrl(args.text("url")), {});
  if (args.boolean("names")) {
    const names = await client.listPools();
    return await print(names.map((name) => `${escapeControls(name)}\n`).join(""));
  }
  const { json } = await client.ask("print-pool", args.operands, { native: true });
  if (args.boolean("json")) return await print(`${JSON.stringify(json)}\n`);
  const { pool } = json as PrintedPools;
  if (Object.keys(pool).length === 0) return EXIT.ok;
  return await print(tableOf(pool));
}

export function tableOf(pools: PrintedPools["pool"]): string {
  const rows = Object.entries(pools).flatMap(([name, { resource, seed, mode, latency }]) => {
    const pool = [escapeControls(name), seed, mode, formatDuration(latency * 1000)];
    if (resource.length === 0) return [[...pool, "(none)"]];
    return resource.map(({ name, used, have }, i) => [
      ...(i === 0 ? pool : pool.map(() => "")),
      escapeControls(name),
      `${used.effective} of ${have.effective}`,
    ]);
  });
  return formatColumns([["POOL", "SEED", "MODE", "KEEPS", "RESOURCE", "USED"], ...rows]);
}
