/** Every dialogue of `transcripts/`, over every transport. */
import type { Protocol } from "../lib/server/services.ts";
import { type TransportName, TRANSPORTS } from "./support/talkers.ts";
import { playDialogue, readDialogues } from "./support/transcript.ts";

for (const protocol of ["glockd", "looky"] satisfies Protocol[]) {
  const folder = new URL(`./transcripts/${protocol}/`, import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    const dialogues = readDialogues(name, Deno.readTextFileSync(new URL(name, folder)));
    for (const dialogue of dialogues) {
      for (const transport of Object.keys(TRANSPORTS) as TransportName[]) {
        Deno.test(
          `${protocol}/${name} ${transport}: ${dialogue.title}`,
          () => playDialogue(dialogue, transport, protocol),
        );
      }
    }
  }
}
