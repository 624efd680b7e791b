/** Plays every dialogue of `transcripts/` over every transport. */
import type { Protocol } from "../lib/server/services.ts";
import { type TransportName, TRANSPORTS } from "./support/transport_clients.ts";
import { playDialogue, readDialogues } from "./support/transcript.ts";

const FOLDERS: Readonly<Record<string, Protocol>> = {
  glockd: "glockd",
  extended: "glockd",
  looky: "looky",
};

for (const [kind, protocol] of Object.entries(FOLDERS)) {
  const folder = new URL(`./transcripts/${kind}/`, import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    const dialogues = readDialogues(name, Deno.readTextFileSync(new URL(name, folder)));
    for (const dialogue of dialogues) {
      for (const transport of Object.keys(TRANSPORTS) as TransportName[]) {
        Deno.test(
          `${kind}/${name} ${transport}: ${dialogue.title}`,
          () => playDialogue(dialogue, transport, protocol),
        );
      }
    }
  }
}
