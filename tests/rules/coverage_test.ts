/** Every command appears in a dialogue and says what it does. */
import { commands } from "../../lib/commands/glockd/mod.ts";
import { nameOf, Table } from "../../lib/dispatch/table.ts";
import { readDialogues } from "../support/transcript.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const folder = new URL("../transcripts/glockd/", import.meta.url);

Deno.test("every command appears in a dialogue", () => {
  const said = new Set<string>();
  for (const { name } of Deno.readDirSync(folder)) {
    const dialogues = readDialogues(name, Deno.readTextFileSync(new URL(name, folder)));
    for (const step of dialogues.flatMap(({ steps }) => steps)) {
      if (step.kind === "send") said.add(step.text.trim().split(" ")[0]!);
    }
  }
  assertEquals(commands.map(nameOf).filter((name) => !said.has(name)), []);
});

Deno.test("every command has a summary, a sentence", () => {
  for (const { usage, summary } of commands) assert(/^[A-Z].*\.$/.test(summary), usage);
});

Deno.test("Table refuses two commands of one name", () => {
  assertThrows(() => new Table([...commands, commands[0]!], new Set()), Error, 'named "g"');
});
