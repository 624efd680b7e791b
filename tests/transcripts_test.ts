/** Every dialogue of `transcripts/`, over every transport. */
import { type TransportName, TRANSPORTS } from "./support/talkers.ts";
import { playDialogue, readDialogues } from "./support/transcript.ts";

const folder = new URL("./transcripts/glockd/", import.meta.url);

for (const { name } of Deno.readDirSync(folder)) {
  const dialogues = readDialogues(name, Deno.readTextFileSync(new URL(name, folder)));
  for (const dialogue of dialogues) {
    for (const transport of Object.keys(TRANSPORTS) as TransportName[]) {
      Deno.test(`${name} ${transport}: ${dialogue.title}`, () => playDialogue(dialogue, transport));
    }
  }
}
