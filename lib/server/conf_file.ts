/** Finds and reads looky.conf when the server starts. */
import { log } from "../log.ts";
import { plainText, textOf } from "../wire/bytes.ts";
import { Conf, ConfSyntaxError } from "../wire/conf.ts";
import { addressBytes } from "../wire/ip_address.ts";
import { ConfReader, ConfValueError, type PoolsConf, readPools } from "../wire/looky_conf.ts";
import { type AccessList, readAccessList } from "./access_list.ts";

/** The file cannot be read or parsed; the message says where and what to do. Exit status 2. */
export class ConfError extends Error {
  override readonly name = "ConfError";
}

/** The content of a looky.conf. */
export interface LookyConf {
  readonly path: string;
  /** The file as it was read. */
  readonly text: string;
  readonly pools: PoolsConf;
  readonly port: number | undefined;
  /** The address to listen on, if the file sets one. */
  readonly address: string | undefined;
  readonly accessList: AccessList;
  /** Keys that this server does not know; saving keeps them in the file. */
  readonly unknownKeys: readonly string[];
}

/** Where to look for the file when no flag names one. */
const DEFAULT_PATHS = ["looky.conf", "/etc/looky.conf", "/etc/looky/looky.conf"];
const EVERY_INTERFACE = "0.0.0.0";

/** Reads the file `path`; if that is empty, the first default that exists. Throws `ConfError`. */
export function loadConf(path: string): LookyConf | undefined {
  for (const candidate of path === "" ? DEFAULT_PATHS : [path]) {
    try {
      return readConf(Deno.realPathSync(candidate), textOf(Deno.readFileSync(candidate)));
    } catch (cause) {
      if (cause instanceof ConfError) throw cause;
      if (path === "" && cause instanceof Deno.errors.NotFound) continue;
      if (path === "" && cause instanceof Deno.errors.NotCapable) {
        log.error(
          `Cannot look for ${candidate}: --allow-read does not cover it; starting without it`,
        );
        continue;
      }
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ConfError(`Cannot read ${candidate}${path === "" ? "" : " (-conf)"}: ${why}`, {
        cause,
      });
    }
  }
  return undefined;
}

/** Parses the text of a file. Throws `ConfError`. */
export function readConf(path: string, text: string): LookyConf {
  try {
    const conf = new Conf(text);
    const pools = readPools(conf);
    const reader = new ConfReader(conf);
    const port = reader.value("port", undefined, "a port from 0 to 65535", readPort);
    const address = reader.value("address", undefined, "any, or an IP address", readAddress);
    const accessList = readAccessList(reader);
    const isKnown = (key: string) => pools.keys.has(key) || reader.keys.has(key);
    const unknownKeys = [...conf.keys()].filter((key) => !isKnown(key)).map(plainText);
    return { path, text, pools, port, address, accessList, unknownKeys };
  } catch (cause) {
    if (!(cause instanceof ConfSyntaxError || cause instanceof ConfValueError)) throw cause;
    throw new ConfError(`${path}:${cause.line}: ${plainText(cause.message)}`, { cause });
  }
}

function readPort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}

function readAddress(text: string): string | undefined {
  if (text === "any") return EVERY_INTERFACE;
  if (text === "localhost") return "127.0.0.1";
  // An IPv6 address may be followed by a scope, which names the interface.
  const bare = text.includes(":") ? text.replace(/%[\w.:-]+$/, "") : text;
  return addressBytes(bare) === undefined ? undefined : text;
}
