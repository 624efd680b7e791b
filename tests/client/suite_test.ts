/** The client suite under Deno, over every transport. */
import * as api from "../../lib/client/mod.ts";
import { startStage } from "../support/client_stage.ts";
import { cases, type Kind, runCase } from "./suite/mod.ts";

for (const kind of ["tcp", "unix", "ws"] satisfies Kind[]) {
  for (const test of cases) {
    Deno.test(`client over ${kind}: ${test.name}`, async () => {
      await using stage = startStage();
      await runCase(test, { api, kind, stage: stage.url, lacks: [] });
    });
  }
}
