/** What can be set, with the reasons for the defaults. Read once from the flags, frozen, never changed. */
import { type Flag, readBoolean, readFlags, readInteger, UsageError } from "./flags.ts";

export interface Config {
  /** Where TCP and WebSocket listen. */
  readonly host: string;
  /** 0 disables. */
  readonly port: number;
  /** 0 disables. */
  readonly ws: number;
  /** Empty disables. */
  readonly unix: string;
  /** Empty: none. */
  readonly pidfile: string;
  /** Whether connections may choose names (`iam`, `who`). */
  readonly registry: boolean;
  /** Whether locks and their holders may be listed (`d`, `sd`, `dump`, `who`). */
  readonly dump: boolean;
  readonly verbose: boolean;
  readonly lineBytesMax: number;
}

export const DEFAULTS: Config = Object.freeze({
  host: "127.0.0.1", // whoever wants the network says so
  port: 9999,
  ws: 9998,
  unix: "",
  pidfile: "",
  registry: true,
  dump: true,
  verbose: false,
  lineBytesMax: 1024 * 1024, // room for any sane name, and what a peer may make us hold
});

/** The shortest limit that still takes every command with a useful name. */
const LINE_BYTES_LEAST = 64;
/** A line runs without a pause; and the expression for blanks takes runs of up to 8 Mi of them. */
const LINE_BYTES_MOST = 4 * 1024 * 1024;
const PORT_MAX = 65535;

const NONE = "none";

export const FLAGS: readonly Flag[] = [
  { name: "host", value: "HOST", fallback: DEFAULTS.host, help: "where TCP and WebSocket listen" },
  { name: "port", value: "INT", fallback: `${DEFAULTS.port}`, help: "TCP port, 0 for none" },
  { name: "ws", value: "INT", fallback: `${DEFAULTS.ws}`, help: "WebSocket port, 0 for none" },
  { name: "unix", value: "PATH", fallback: NONE, help: "Unix socket to listen on" },
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
  const host = text("host", DEFAULTS.host);
  if (host === "") throw new UsageError("Flag -host is empty; 0.0.0.0 means every interface");
  const port = integer("port", DEFAULTS.port, 0, PORT_MAX);
  const ws = integer("ws", DEFAULTS.ws, 0, PORT_MAX);
  if (port === ws && port > 0) throw new UsageError(`Flags -port and -ws are both ${port}`);
  return Object.freeze({
    host,
    port,
    ws,
    unix: text("unix", DEFAULTS.unix),
    pidfile: text("pidfile", DEFAULTS.pidfile),
    registry: boolean("registry", DEFAULTS.registry),
    dump: boolean("dump", DEFAULTS.dump),
    verbose: boolean("verbose", DEFAULTS.verbose),
    lineBytesMax: integer("max-line", DEFAULTS.lineBytesMax, LINE_BYTES_LEAST, LINE_BYTES_MOST),
  });
}
