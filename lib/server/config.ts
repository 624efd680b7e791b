/** What can be set, with the reasons for the defaults. Read once from the flags, frozen, never changed. */
import {
  LINE_BYTES_SETTING_MAX,
  LINE_BYTES_SETTING_MIN,
  PORT_MAX,
  REPLY_BUFFER_BYTES_SETTING_MAX,
  REPLY_BUFFER_BYTES_SETTING_MIN,
  WAITERS_SETTING_MAX,
} from "../limits.ts";
import { type Flag, readBoolean, readFlags, readInteger, UsageError } from "./flags.ts";

export interface Config {
  /** Where TCP and WebSocket listen; undefined is loopback, or what looky.conf says for its port. */
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
  /** looky.conf; empty: looked for in the usual places. */
  readonly conf: string;
  /** Whether `halt` is taken from other machines. */
  readonly allowHalt: boolean;
  /** Whether `force` is taken from other machines, and from web pages. */
  readonly allowForce: boolean;
  /** How many may wait for locks at a time. */
  readonly waitingMax: number;
  /** Where to keep what must outlive the program; empty: nowhere. */
  readonly state: string;
  /** Empty: none. */
  readonly pidfile: string;
  /** Whether connections may choose names (`iam`, `who`). */
  readonly registry: boolean;
  /** Whether locks and their holders may be listed (`d`, `sd`, `dump`, `who`). */
  readonly dump: boolean;
  readonly verbose: boolean;
  readonly lineBytesMax: number;
  /** How much may wait for a peer that does not read. */
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
  allowHalt: false, // it ends everything for everybody
  allowForce: false, // it takes from others what they believe to have
  waitingMax: 1_000_000, // about a gigabyte for one name each
  state: "",
  pidfile: "",
  registry: true,
  dump: true,
  verbose: false,
  lineBytesMax: 1024 * 1024, // room for any sane name, and what a peer may make us hold
  replyBytesMax: 8 * 1024 * 1024, // the longest reply there is, to a line of 4 MiB, and as much again
});

/** Where everything listens unless told otherwise: whoever wants the network says so. */
export const LOOPBACK = "127.0.0.1";
/** The port of the original Looky server. */
export const LOOKY_PORT = 4040;

const NONE = "none";

export const FLAGS: readonly Flag[] = [
  { name: "host", value: "HOST", fallback: LOOPBACK, help: "where TCP and WebSocket listen" },
  { name: "port", value: "INT", fallback: `${DEFAULTS.port}`, help: "TCP port, 0 for none" },
  { name: "ws", value: "INT", fallback: `${DEFAULTS.ws}`, help: "WebSocket port, 0 for none" },
  { name: "unix", value: "PATH", fallback: NONE, help: "Unix socket to listen on" },
  {
    name: "looky",
    value: "INT",
    fallback: `${LOOKY_PORT}`,
    help: "TCP port for pools, 0 for none",
  },
  { name: "looky-unix", value: "PATH", fallback: NONE, help: "Unix socket for pools" },
  {
    name: "conf",
    value: "PATH",
    fallback: "looky.conf here or in /etc, if there is one",
    help: "file of the pools",
  },
  {
    name: "allow-halt",
    fallback: `${DEFAULTS.allowHalt}`,
    help: "take halt from other machines, too",
  },
  {
    name: "allow-force",
    fallback: `${DEFAULTS.allowForce}`,
    help: "take force from other machines, too",
  },
  {
    name: "max-waiters",
    value: "INT",
    fallback: `${DEFAULTS.waitingMax}`,
    help: "how many may wait for locks at a time",
  },
  {
    name: "state",
    value: "DIR",
    fallback: NONE,
    help: "folder that keeps fencing tokens from going back, whatever the clock does",
  },
  {
    name: "pidfile",
    value: "PATH",
    fallback: NONE,
    help: "file that holds the process id, locked meanwhile",
  },
  {
    name: "registry",
    fallback: `${DEFAULTS.registry}`,
    help: "let connections choose names: iam, who",
  },
  { name: "dump", fallback: `${DEFAULTS.dump}`, help: "let locks be listed: d, sd, dump, who" },
  {
    name: "max-line",
    value: "BYTES",
    fallback: `${DEFAULTS.lineBytesMax}`,
    help: "longest line taken; longer ones are dropped",
  },
  {
    name: "max-reply-buffer",
    value: "BYTES",
    fallback: `${DEFAULTS.replyBytesMax}`,
    help: "what may wait for a peer that does not read; more ends its connection",
  },
  {
    name: "verbose",
    fallback: `${DEFAULTS.verbose}`,
    help: "log what every connection does to stdout",
  },
];

/** Reads the flags. Throws `UsageError`. */
export function readConfig(args: readonly string[]): Config {
  const given = readFlags(args, FLAGS);
  const text = (name: string, fallback: string) => given.get(name) ?? fallback;
  const boolean = (name: string, fallback: boolean) =>
    given.has(name) ? readBoolean(name, given.get(name)!) : fallback;
  const integer = (name: string, fallback: number, min: number, max: number) =>
    given.has(name) ? readInteger(name, given.get(name)!, min, max) : fallback;
  const host = given.get("host");
  if (host === "") throw new UsageError("Flag -host is empty; 0.0.0.0 means every interface");
  const port = integer("port", DEFAULTS.port, 0, PORT_MAX);
  const ws = integer("ws", DEFAULTS.ws, 0, PORT_MAX);
  const looky = given.has("looky") ? integer("looky", 0, 0, PORT_MAX) : undefined;
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
    waitingMax: integer("max-waiters", DEFAULTS.waitingMax, 0, WAITERS_SETTING_MAX),
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
