/** Runs all cases where no test runner is, and tells what came of each by HTTP. */
import { type Api, cases, type Kind, runCase } from "./mod.ts";

/** What came of a case: nothing is wrong when there is no error. */
export interface Result {
  readonly kind: Kind;
  readonly name: string;
  readonly error?: string;
}

/** One case after the other, by each kind of connection that there is. */
export async function runAll(api: typeof Api, stage: string): Promise<void> {
  const lacks = lacking();
  for (const kind of (["tcp", "unix", "ws"] as const).filter((kind) => !lacks.includes(kind))) {
    for (const test of cases) {
      const error = await runCase(test, { api, kind, stage, lacks }).then(() => undefined, wordsOf);
      await tell(stage, { kind, name: test.name, ...(error === undefined ? {} : { error }) });
    }
  }
  await tell(stage, "done");
}

/** Tells the stage. */
export async function tell(stage: string, result: Result | "done"): Promise<void> {
  await fetch(new URL("result", stage), { method: "POST", body: JSON.stringify(result) });
}

function lacking(): Kind[] {
  const isPage = "document" in globalThis;
  const lacks: Kind[] = isPage ? ["tcp", "unix"] : [];
  return "WebSocket" in globalThis ? lacks : [...lacks, "ws"];
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
