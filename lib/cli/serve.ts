/** `holdfast [serve] FLAGS`: runs the server until a signal ends it. */
import { log } from "../log.ts";
import { FLAGS, readConfig } from "../server/config.ts";
import { describeFlags, UsageError } from "../server/flags.ts";
import { ConfError } from "../server/conf_file.ts";
import { ListenError } from "../server/listen.ts";
import { PidfileError, writePidfile } from "../server/pidfile.ts";
import { startServer } from "../server/server.ts";
import { StateError } from "../server/fencing_tokens.ts";
import { version } from "../version.ts";

/** Windows knows no SIGTERM; closing the console is SIGBREAK's kin there. */
const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

export function serveUsage(): string {
  return `Usage: holdfast [serve] [FLAGS]

Holdfast answers for many programs at once who may use what right now: locks that live
exactly as long as the connection that took them, and pools that give each consumer a sticky
share of their resources, over TCP, WebSocket and Unix sockets.

Flags, with one dash or two; defaults in parentheses:
${describeFlags(FLAGS)}
Booleans are switched off as in -dump=false. holdfast version tells which one this is.
Exit status: 0 ended by a signal or halt, 1 cannot listen, 2 wrong flags or file of pools,
3 cannot open the pid file, 4 the pid file is another server's, 5 cannot use the state folder.`;
}

/** What other subcommands need and the server must not have: whoever got into it gets no further. */
const GIVEN_UP = ["run", "env", "sys"] as const;

/** Runs the server; resolves to the exit status, 2 when the flags were not understood. */
export async function serve(args: readonly string[]): Promise<number> {
  try {
    return await untilStopped(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.error(`${error.message}. "holdfast -h" lists the flags.`);
    return 2;
  }
}

/** Serves until SIGINT, SIGTERM or `halt`; resolves to the exit status. Throws `UsageError`. */
async function untilStopped(args: readonly string[]): Promise<number> {
  if (args.some((argument) => /^--?h(elp)?$/.test(argument))) {
    log.say(serveUsage(), "stderr"); // as the original does
    return 0;
  }
  for (const name of GIVEN_UP) Deno.permissions.revokeSync({ name });
  const config = readConfig(args);
  try {
    if (config.pidfile !== "") await writePidfile(config.pidfile);
    const stopped = stopSignal(); // from here on, not only once everything listens
    const server = await startServer(config, { tell: config.verbose ? log.event : undefined });
    for (const label of server.labels) log.say(`holdfast ${version} listens on ${label}`);
    log.say(howToTry(server.labels));
    await Promise.race([stopped, server.halted]);
    await server.stop();
    return 0;
  } catch (error) {
    const status = exitStatus(error);
    if (status === undefined) throw error;
    log.error((error as Error).message);
    return status;
  }
}

/** What a start that was refused ends with; undefined when the error is a bug. */
function exitStatus(error: unknown): number | undefined {
  if (error instanceof PidfileError) return error.exitCode;
  if (error instanceof ConfError) return 2;
  if (error instanceof StateError) return 5;
  return error instanceof ListenError ? 1 : undefined;
}

/** One line to paste into another terminal, to reach the first of what is listened on. */
function howToTry([label]: readonly string[]): string {
  const [, looky, kind, place = ""] =
    /^(looky )?(\w+) (.*?)(?: \(every interface\))?$/.exec(label ?? "") ?? [];
  const request = looky ? "list-pool" : "g foo";
  const here = place.replace(/0\.0\.0\.0(?=:)|\[::\](?=:)/, "127.0.0.1");
  if (kind === "tcp") {
    const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(here)!;
    return `Try: echo "${request}" | nc -w 1 ${host} ${port}`;
  }
  if (kind === "unix") return `Try: echo "${request}" | nc -w 1 -U '${place}'`;
  if (kind === "websocket") return `Try: new WebSocket("${here}") in a browser's console`;
  return "Nothing to try: all listeners are off (see -port, -ws, -unix, -looky)";
}

/** Resolves at the first signal to stop; keeps the program alive until then, listeners or not. */
async function stopSignal(): Promise<void> {
  const alive = setInterval(() => {}, 2 ** 31 - 1);
  await new Promise<void>((resolve) => {
    for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, resolve);
  });
  clearInterval(alive);
}
