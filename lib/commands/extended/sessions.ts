/**
 * Sessions: hello resume deadline ping version help bye.
 * Contract: docs/protocol/extended.md, "Connections".
 */
import type { Command } from "../../dispatch/command.ts";
import type { Context } from "../../dispatch/context.ts";
import { FinalReply, type Reply } from "../../dispatch/reply.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { resume, secretsMatch } from "../../state/locks/departure.ts";
import { version, versionLine } from "../../version.ts";
import { byteText } from "../../wire/bytes.ts";
import { extended, TIME_MS_MAX, writeError, writeLine } from "../../wire/extended.ts";
import { type CommandArguments, extendedCommand, greetingCommand, readInteger } from "./define.ts";

/** The version of the extended protocol, which clients can check. */
const PROTOCOL = 1;
const SECONDS_MAX = Math.floor(TIME_MS_MAX / 1000);

function hello(
  { values }: CommandArguments,
  { owner, registry, commands, control, trace }: Context,
): Reply {
  const name = values.get("name");
  // Replies to glockd commands contain the name and do not escape it.
  if (name !== undefined && /[\r\n]/.test(name)) {
    return writeError("name must not contain line breaks");
  }
  if (name !== undefined && commands.find("iam")?.isEnabled === false) {
    return writeLine("0", "disabled");
  }
  control.dialect = extended;
  if (name !== undefined) registry.rename(owner, name);
  trace?.(`said hello${name === undefined ? "" : ` as '${name}'`}`);
  return writeLine("1", "hello", {
    version,
    protocol: PROTOCOL,
    session: owner,
    secret: registry.issueSecret(owner),
  });
}

function resumeSession(
  { words: [word = ""], values }: CommandArguments,
  context: Context,
): Outcome<Reply> {
  const { owner, engine, registry, trace } = context;
  const session = readInteger(word, 1, Number.MAX_SAFE_INTEGER);
  const secret = values.get("secret")!;
  if (session === undefined) {
    return writeError("the session must be the number from the reply to hello");
  }
  if (session === owner) {
    return writeError("cannot resume the session of this connection; use a new connection");
  }
  // The client may notice the loss of its old connection before the server does.
  registry.supersede(session, (actual) => secretsMatch(actual, secret));
  const resumed = engine.change(
    "locks",
    ({ locks }, time) => resume(locks, owner, session, secret, time),
  );
  return after(resumed, (count) => {
    if (count === undefined) return writeLine("0", "gone");
    trace?.(`resumed session ${session}`);
    return writeLine("1", "resumed", { count });
  });
}

function deadline({ words: [word = ""] }: CommandArguments, { control }: Context): Reply {
  const seconds = readInteger(word, 0, SECONDS_MAX);
  if (seconds === undefined) {
    return writeError(`the deadline must be an integer from 0 to ${SECONDS_MAX}, in seconds`);
  }
  control.setIdleTimeout(1000 * seconds);
  return writeLine("1", "deadline", { seconds });
}

function help(_: CommandArguments, { commands }: Context): Reply {
  const rows = Array.from(
    commands,
    ({ name, command: { usage, summary, needs = [] }, isEnabled }) => ({
      name,
      usage,
      summary,
      needs: needs.filter((need) => need !== "hello"),
      enabled: isEnabled,
    }),
  );
  return writeLine("1", "help", { json: byteText(JSON.stringify(rows)) });
}

function bye(_: CommandArguments, { control }: Context): Reply {
  control.saidBye = true;
  return new FinalReply(writeLine("1", "bye"), "close");
}

export const sessionCommands: readonly Command[] = [
  greetingCommand("hello [name=NAME]", "Enable the extended commands, and choose a name.", hello),
  extendedCommand(
    "resume I secret=S",
    "Take over the locks kept for a session that has ended.",
    resumeSession,
  ),
  extendedCommand(
    "deadline SECONDS",
    "Close the connection when nothing arrives for this long; 0 for never.",
    deadline,
  ),
  extendedCommand(
    "ping",
    "Reply, to show that the connection works.",
    () => writeLine("1", "pong"),
  ),
  extendedCommand(
    "version",
    "Show the version of the server.",
    () =>
      writeLine("1", "version", { version, protocol: PROTOCOL, build: byteText(versionLine()) }),
  ),
  extendedCommand("help", "List the commands.", help),
  extendedCommand("bye", "Close the connection; no locks are kept for it.", bye),
];
