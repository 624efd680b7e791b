/** Names of connections: me iam who. Contract: docs/protocol/glockd.md, "Registry". */
import type { Command, Context, Reply } from "../../dispatch/command.ts";
import type { Request } from "../../wire/dialect.ts";
import { LF, writeEntry } from "../../wire/glockd.ts";

function me(_: Request, { owner, registry }: Context): Reply {
  return `1 ${registry.addressOf(owner)} ${registry.nameOf(owner)}${LF}`;
}

function iam({ rest: name }: Request, { owner, registry, note }: Context): Reply {
  registry.rename(owner, name);
  note?.(`changed their name to '${name}'`);
  return `1 ok${LF}`;
}

function* who({ rest: wanted }: Request, { registry }: Context): Iterable<string> {
  for (const [address, name] of registry.named()) {
    if (wanted === "" || name === wanted) yield writeEntry(address, name);
  }
}

export const registry: readonly Command[] = [
  {
    usage: "me",
    summary: "Tell one's own address and name.",
    latent: true,
    run: me,
  },
  {
    usage: "iam [name]",
    summary: "Choose a name, shown to others in place of the address.",
    needs: ["registry"],
    latent: true,
    run: iam,
  },
  {
    usage: "who [name]",
    summary: "List the connections that have chosen a name, or this name.",
    needs: ["dump", "registry"],
    latent: true,
    run: who,
  },
];
