/** The client suite in Deno, over every transport. */
import * as api from "../../lib/client/mod.ts";
import { startFixtures } from "../support/client_fixtures.ts";
import { cases, runCase, type Transport } from "./suite/mod.ts";

for (const transport of ["tcp", "unix", "ws"] satisfies Transport[]) {
  for (const test of cases) {
    Deno.test(`client over ${transport}: ${test.name}`, async () => {
      await using fixtures = startFixtures();
      await runCase(test, { api, transport, fixtures: fixtures.url, unsupported: [] });
    });
  }
}
