/**
 * Plays each recorded dialogue of `recorded/` against a new server: one in this process, or the
 * program in `deno test ... -- --server="path argument argument"`.
 */
import { play } from "./support/player.ts";
import { readScenario, type Scenario } from "./support/recorded_data.ts";
import { commandUnderTest, startInner, startProgram, type TestServer } from "./support/server.ts";

const folder = new URL("recorded/", import.meta.url);
const hasProgram = Deno.args.some((argument) => argument.startsWith("--server="));

for (const scenario of readAll()) {
  Deno.test(scenario.name, async () => {
    await using server = await start(scenario.flags);
    await play(scenario, server);
  });
}

function readAll(): Scenario[] {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return names.filter((name) => name.endsWith(".json")).sort()
    .map((name) => readScenario(Deno.readTextFileSync(new URL(name, folder))));
}

async function start(flags: readonly string[]): Promise<TestServer> {
  return await (hasProgram ? startProgram(commandUnderTest(), flags) : startInner(flags));
}
