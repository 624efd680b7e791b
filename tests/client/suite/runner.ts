/** Runs all cases in a runtime without a test runner, and reports each result by HTTP. */
import { type Api, cases, runCase, type Transport } from "./mod.ts";

const TRANSPORTS = ["tcp", "unix", "ws"] as const;

/** The result of a case, which passed if there is no error. */
export interface CaseResult {
  readonly transport: Transport;
  readonly name: string;
  readonly error?: string;
}

/** Runs the cases one after the other, over each transport that the runtime supports. */
export async function runAll(api: typeof Api, fixtures: string): Promise<void> {
  const unsupported = unsupportedTransports();
  for (const transport of TRANSPORTS.filter((it) => !unsupported.includes(it))) {
    for (const test of cases) {
      const run = runCase(test, { api, transport, fixtures, unsupported });
      const error = await run.then(() => undefined, textOf);
      const failure = error === undefined ? {} : { error };
      await report(fixtures, { transport, name: test.name, ...failure });
    }
  }
  await report(fixtures, "done");
}

/** Sends a result to the fixture server. */
export async function report(fixtures: string, result: CaseResult | "done"): Promise<void> {
  await fetch(new URL("result", fixtures), { method: "POST", body: JSON.stringify(result) });
}

function unsupportedTransports(): Transport[] {
  const isPage = "document" in globalThis;
  const unsupported: Transport[] = isPage ? ["tcp", "unix"] : [];
  return "WebSocket" in globalThis ? unsupported : [...unsupported, "ws"];
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
