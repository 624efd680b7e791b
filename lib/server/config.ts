/** The settings, with the reasons for their defaults. Read once from the flags, then frozen. */
import {
  LINE_BYTES_SETTING_MAX,
  LINE_BYTES_SETTING_MIN,
  PORT_MAX,
  REPLY_BUFFER_BYTES_SETTING_MAX,
  REPLY_BUFFER_BYTES_SETTING_MIN,
  WAITERS_SETTING_MAX,
} from "../limits.ts";
import { parseArguments } from "../args/parse.ts";
import { type Flag, UsageError } from "../args/rows.ts";

export interface Config {
  /** TCP and WebSocket listen here; undefined: loopback, or looky.conf's address for pools. */
  readonly host: string | undefined;
  /** 0 disables. */
  readonly port: number;
  /** 0 disables. */
  readonly ws: number;
  /** Empty disables. */
  readonly unix: string;
  /** The Looky port; 0 disables, undefined leaves it to looky.conf, or else to the default. */
  readonly looky: number | undefined;
  /** Empty disables. */
  readonly lookyUnix: string;
  /** Path of looky.conf; if empty, the default paths are tried. */
  readonly conf: string;
  /** Whether `halt` is accepted from other machines and from web pages. */
  readonly allowHalt: boolean;
  /** Whether `force` is accepted from other machines and from web pages. */
  readonly allowForce: boolean;
  /** How many acquire requests may wait at a time. */
  readonly waitersMax: number;
  /** Folder for state that must outlive the process; empty: none. */
  readonly state: string;
  /** Empty: none. */
  readonly pidfile: string;
  /** Whether clients may choose names (`iam`, `who`). */
  readonly registry: boolean;
  /** Whether locks and their holders may be listed (`d`, `sd`, `dump`, `who`). */
  readonly dump: boolean;
  readonly verbose: boolean;
  readonly lineBytesMax: number;
  /** Unsent reply bytes allowed per connection. */
  readonly replyBytesMax: number;
}

export const DEFAULTS: Config = Object.freeze({
  host: undefined,
  port: 9999,
  ws: 9998,
  unix: "",
  looky: undefined,
  lookyUnix: "",
  conf: "",
  allowHalt: false, // it stops the server for every client
  allowForce: false, // it takes locks away from clients that believe they hold them
  waitersMax: 1_000_000, // about a gigabyte, if each request has one name
  state: "",
  pidfile: "",
  registry: true,
  dump: true,
  verbose: false,
  lineBytesMax: 1024 * 1024, // fits any sane name, and bounds what the server buffers for a peer
  replyBytesMax: 8 * 1024 * 1024, // twice the longest reply, to a line of 4 MiB
});

/** The default address; listening on the network requires a flag. */
export const LOOPBACK = "127.0.0.1";
/** The port of the original Looky server. */
export const LOOKY_PORT = 4040;

const NONE = "none";

export const FLAGS: readonly Flag[] = [
  {
    name: "host",
    value: "HOST",
    fallback: LOOPBACK,
    help: "address for TCP and WebSocket; 0.0.0.0 for all interfaces",
  },
  { name: "port", value: "INT", fallback: `${DEFAULTS.port}`, help: "TCP port; 0 for none" },
  { name: "ws", value: "INT", fallback: `${DEFAULTS.ws}`, help: "WebSocket port; 0 for none" },
  { name: "unix", value: "PATH", fallback: NONE, help: "Unix socket to listen on" },
  {
    name: "looky",
    value: "INT",
    fallback: `${LOOKY_PORT}`,
    help: "TCP port for pools; 0 for none",
  },
  { name: "looky-unix", value: "PATH", fallback: NONE, help: "Unix socket for pools" },
  {
    name: "conf",
    value: "PATH",
    fallback: "looky.conf here or in /etc, if it exists",
    help: "file of the pools; without one there are no pools at first",
  },
  {
    name: "allow-halt",
    fallback: `${DEFAULTS.allowHalt}`,
    help: "accept halt from other machines and web pages",
  },
  {
    name: "allow-force",
    fallback: `${DEFAULTS.allowForce}`,
    help: "accept force from other machines and web pages",
  },
  {
    name: "max-waiters",
    value: "INT",
    fallback: `${DEFAULTS.waitersMax}`,
    help: "requests that may wait for locks at a time",
  },
  {
    name: "state",
    value: "DIR",
    fallback: NONE,
    help: "folder that keeps fencing tokens from going back when the clock does",
  },
  {
    name: "pidfile",
    value: "PATH",
    fallback: NONE,
    help: "file for the process id, locked while the server runs",
  },
  {
    name: "registry",
    fallback: `${DEFAULTS.registry}`,
    help: "let clients choose names: iam, who",
  },
  {
    name: "dump",
    fallback: `${DEFAULTS.dump}`,
    help: "let clients list locks and names: d, sd, dump, who",
  },
  {
    name: "max-line",
    value: "BYTES",
    fallback: `${DEFAULTS.lineBytesMax}`,
    help: "longest line accepted, in bytes; longer lines are dropped",
  },
  {
    name: "max-reply-buffer",
    value: "BYTES",
    fallback: `${DEFAULTS.replyBytesMax}`,
    help: "unsent reply bytes allowed per connection; a client that exceeds it is disconnected",
  },
  {
    name: "verbose",
    fallback: `${DEFAULTS.verbose}`,
    help: "log what every connection does to stdout",
  },
];

/** Reads the flags. Throws `UsageError`. */
export function readConfig(args: readonly string[]): Config {
  const parsed = parseArguments(args, FLAGS, { style: "go" });
  const text = (name: string, fallback: string) => parsed.text(name) ?? fallback;
  const boolean = (name: string, fallback: boolean) => parsed.boolean(name) ?? fallback;
  const integer = (name: string, fallback: number, min: number, max: number) =>
    parsed.integer(name, min, max) ?? fallback;
  const host = parsed.text("host");
  if (host === "") throw new UsageError("Flag -host is empty; 0.0.0.0 means every interface");
  const port = integer("port", DEFAULTS.port, 0, PORT_MAX);
  const ws = integer("ws", DEFAULTS.ws, 0, PORT_MAX);
  const looky = parsed.integer("looky", 0, PORT_MAX);
  refuseEqual([["-port", port], ["-ws", ws], ["-looky", looky ?? 0]]);
  return Object.freeze({
    host,
    port,
    ws,
    unix: text("unix", DEFAULTS.unix),
    looky,
    lookyUnix: text("looky-unix", DEFAULTS.lookyUnix),
    conf: text("conf", DEFAULTS.conf),
    allowHalt: boolean("allow-halt", DEFAULTS.allowHalt),
    allowForce: boolean("allow-force", DEFAULTS.allowForce),
    waitersMax: integer("max-waiters", DEFAULTS.waitersMax, 0, WAITERS_SETTING_MAX),
    state: text("state", DEFAULTS.state),
    pidfile: text("pidfile", DEFAULTS.pidfile),
    registry: boolean("registry", DEFAULTS.registry),
    dump: boolean("dump", DEFAULTS.dump),
    verbose: boolean("verbose", DEFAULTS.verbose),
    lineBytesMax: integer(
      "max-line",
      DEFAULTS.lineBytesMax,
      LINE_BYTES_SETTING_MIN,
      LINE_BYTES_SETTING_MAX,
    ),
    replyBytesMax: integer(
      "max-reply-buffer",
      DEFAULTS.replyBytesMax,
      REPLY_BUFFER_BYTES_SETTING_MIN,
      REPLY_BUFFER_BYTES_SETTING_MAX,
    ),
  });
}

function refuseEqual(ports: readonly (readonly [flag: string, port: number])[]): void {
  for (const [i, [flag, port]] of ports.entries()) {
    const same = port > 0 && ports.slice(i + 1).find(([, other]) => other === port);
    if (same) throw new UsageError(`Flags ${flag} and ${same[0]} are both ${port}`);
  }
}
