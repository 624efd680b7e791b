/**
 * The recorded dialogues of `recorded/`, each against a server of its own: inside this process, or
 * the program that `deno test ... -- --server="path argument argument"` names.
 */
import { play } from "./support/player.ts";
import { readScenario, type Scenario } from "./support/recorded_data.ts";
import { commandUnderTest, startInner, startProgram, type TestServer } from "./support/server.ts";

const folder = new URL("recorded/", import.meta.url);
const programIsGiven = Deno.args.some((argument) => argument.startsWith("--server="));

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
  return await (programIsGiven ? startProgram(commandUnderTest(), flags) : startInner(flags));
}
