/** Names of connections: me iam who. Contract: docs/protocol/glockd.md, "Registry". */
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import type { Reply } from "../../dispatch/reply.ts";
import type { CommandRequest } from "../../wire/dialect.ts";
import { LF, writeEntry } from "../../wire/glockd.ts";

function me(_: CommandRequest, { owner, registry }: Context): Reply {
  return `1 ${registry.addressOf(owner)} ${registry.nameOf(owner)}${LF}`;
}

function iam({ rest: name }: CommandRequest, { owner, registry, trace }: Context): Reply {
  registry.rename(owner, name);
  trace?.(`changed their name to '${name}'`);
  return `1 ok${LF}`;
}

function* who({ rest: filter }: CommandRequest, { registry }: Context): Iterable<string> {
  for (const [address, name] of registry.named()) {
    if (filter === "" || name === filter) yield writeEntry(address, name);
  }
}

export const registry: readonly Command[] = [
  {
    usage: "me",
    summary: "Show the address and the name of this connection.",
    latent: true,
    run: me,
  },
  {
    usage: "iam [name]",
    summary: "Choose a name, shown to other clients in place of the address.",
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
