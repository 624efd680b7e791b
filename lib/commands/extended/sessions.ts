/**
 * The connection itself: hello resume deadline ping version help bye.
 * Contract: docs/protocol/extended.md, "Connections".
 */
import { type Command, type Context, FinalReply, type Reply } from "../../dispatch/command.ts";
import { after, type Outcome } from "../../engine/engine.ts";
import { isSecret, resume } from "../../state/locks/departure.ts";
import { version, versionLine } from "../../version.ts";
import { byteText } from "../../wire/bytes.ts";
import { extended, TIME_MS_MAX, writeError, writeLine } from "../../wire/extended.ts";
import { type Asked, firstRow, row, wholeNumber } from "./define.ts";

/** What the words of today are called, should there be others one day. */
const PROTOCOL = 1;
const SECONDS_MAX = Math.floor(TIME_MS_MAX / 1000);

function hello({ values }: Asked, { owner, registry, commands, control, trace }: Context): Reply {
  const name = values.get("name");
  // It stands in the replies to the old words, which escape nothing.
  if (name !== undefined && /[\r\n]/.test(name)) return writeError("a name has no line breaks");
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

function takeBack({ words: [word = ""], values }: Asked, context: Context): Outcome<Reply> {
  const { owner, engine, registry, trace } = context;
  const session = wholeNumber(word, 1, Number.MAX_SAFE_INTEGER);
  const secret = values.get("secret")!;
  if (session === undefined) return writeError("a session is the number that hello has told");
  if (session === owner) return writeError("this is that session; resume is for a new connection");
  // Its peer may have noticed the end of its old connection before we do.
  registry.supersede(session, (its) => isSecret(its, secret));
  const resumed = engine.change(
    "locks",
    ({ locks }, time) => resume(locks, owner, session, secret, time),
  );
  return after(resumed, (count) => {
    if (count === undefined) return writeLine("0", "gone");
    trace?.(`goes on with session ${session}`);
    return writeLine("1", "resumed", { count });
  });
}

function deadline({ words: [word = ""] }: Asked, { control }: Context): Reply {
  const seconds = wholeNumber(word, 0, SECONDS_MAX);
  if (seconds === undefined) {
    return writeError(`a deadline is a whole number of seconds from 0 to ${SECONDS_MAX}`);
  }
  control.setIdleTimeout(1000 * seconds);
  return writeLine("1", "deadline", { seconds });
}

function help(_: Asked, { commands }: Context): Reply {
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

function bye(_: Asked, { control }: Context): Reply {
  control.saidBye = true;
  return new FinalReply(writeLine("1", "bye"), "close");
}

export const sessions: readonly Command[] = [
  firstRow("hello [name=NAME]", "Speak the words that came later, under a name.", hello),
  row("resume I secret=S", "Take back what was kept for a session that has ended.", takeBack),
  row(
    "deadline SECONDS",
    "End the connection when nothing comes for so long; 0 for never.",
    deadline,
  ),
  row("ping", "Answer.", () => writeLine("1", "pong")),
  row(
    "version",
    "Tell which server this is.",
    () =>
      writeLine("1", "version", { version, protocol: PROTOCOL, build: byteText(versionLine()) }),
  ),
  row("help", "List the commands.", help),
  row("bye", "End the connection; nothing is kept for it.", bye),
];
