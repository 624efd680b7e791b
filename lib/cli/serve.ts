/** `holdfast [serve] FLAGS`: runs the server until a signal or `halt` stops it. */
import { asksForHelp } from "../args/parse.ts";
import { describeFlags, UsageError } from "../args/rows.ts";
import { log } from "../log.ts";
import { FLAGS, readConfig } from "../server/config.ts";
import { ConfError } from "../server/conf_file.ts";
import { ListenError } from "../server/listen.ts";
import { PidfileError, writePidfile } from "../server/pidfile.ts";
import { startServer } from "../server/server.ts";
import { StateError } from "../server/fencing_tokens.ts";
import { version } from "../version.ts";

/** Windows has no SIGTERM; the closest is SIGBREAK, which a closing console sends. */
const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

export function serveUsage(): string {
  return `Usage: holdfast [serve] [FLAGS]

A lock server: locks that live exactly as long as the connection that acquired them, and pools
that give each consumer a sticky share of their resources, over TCP, WebSocket and Unix sockets.

Flags, with one dash or two; defaults in parentheses:
${describeFlags(FLAGS, "go")}
A boolean is switched off as in -dump=false. "holdfast version" shows the version.
Exit status: 0 ended by a signal or halt, 1 cannot listen, 2 wrong flags or file of pools,
3 cannot open the pid file, 4 another server holds the pid file, 5 cannot use the state folder.`;
}

/** Permissions that only other subcommands need; dropped, so that an exploit does not have them. */
const REVOKED = ["run", "env", "sys"] as const;

/** Runs the server; resolves to the exit status, 2 for wrong flags. */
export async function serve(args: readonly string[]): Promise<number> {
  try {
    return await serveUntilStopped(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.error(`${error.message}. "holdfast -h" lists the flags.`);
    return 2;
  }
}

/** Serves until SIGINT, SIGTERM or `halt`; resolves to the exit status. Throws `UsageError`. */
async function serveUntilStopped(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    log.info(serveUsage(), "stderr"); // as the original server does
    return 0;
  }
  for (const name of REVOKED) Deno.permissions.revokeSync({ name });
  const config = readConfig(args);
  try {
    if (config.pidfile !== "") await writePidfile(config.pidfile);
    const stopped = stopSignal(); // before listening, so that no signal is missed
    const server = await startServer(config, { trace: config.verbose ? log.event : undefined });
    for (const label of server.labels) log.info(`holdfast ${version} listens on ${label}`);
    log.info(howToTry(server.labels));
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

/** Returns the exit status for an error during startup; undefined when the error is a bug. */
function exitStatus(error: unknown): number | undefined {
  if (error instanceof PidfileError) return error.exitCode;
  if (error instanceof ConfError) return 2;
  if (error instanceof StateError) return 5;
  return error instanceof ListenError ? 1 : undefined;
}

/** Returns a command line to paste into another terminal, which uses the first listener. */
function howToTry([label]: readonly string[]): string {
  const [, looky, kind, address = ""] =
    /^(looky )?(\w+) (.*?)(?: \(every interface\))?$/.exec(label ?? "") ?? [];
  const request = looky ? "list-pool" : "g foo";
  const local = address.replace(/0\.0\.0\.0(?=:)|\[::\](?=:)/, "127.0.0.1");
  if (kind === "tcp") {
    const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(local)!;
    return `Try: echo "${request}" | nc -w 1 ${host} ${port}`;
  }
  if (kind === "unix") return `Try: echo "${request}" | nc -w 1 -U '${address}'`;
  if (kind === "websocket") return `Try: new WebSocket("${local}") in a browser's console`;
  return "Nothing to try: all listeners are off (see -port, -ws, -unix, -looky)";
}

/** Resolves at the first stop signal; until then keeps the program alive even without listeners. */
async function stopSignal(): Promise<void> {
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1);
  await new Promise<void>((resolve) => {
    for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, resolve);
  });
  clearInterval(keepAlive);
}
