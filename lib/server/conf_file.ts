/** looky.conf on disk: finding it and reading it at the start. */
import { log } from "../log.ts";
import { plainText, textOf } from "../wire/bytes.ts";
import { Conf, ConfSyntaxError } from "../wire/conf.ts";
import { addressBytes } from "../wire/ip_address.ts";
import { ConfReader, ConfValueError, type PoolsConf, readPools } from "../wire/looky_conf.ts";
import { type Access, readAccess } from "./access.ts";

/** The file cannot be read or understood; the message says where and what to do. Exit status 2. */
export class ConfError extends Error {
  override readonly name = "ConfError";
}

/** What a file says. */
export interface LookyConf {
  readonly path: string;
  /** The file as it was read. */
  readonly text: string;
  readonly pools: PoolsConf;
  readonly port: number | undefined;
  /** Where to listen, if the file says. */
  readonly address: string | undefined;
  readonly access: Access;
  /** Keys that mean nothing here: they stay in the file. */
  readonly unknownKeys: readonly string[];
}

/** Where the file is looked for when no flag names it. */
const PLACES = ["looky.conf", "/etc/looky.conf", "/etc/looky/looky.conf"];
const EVERY_INTERFACE = "0.0.0.0";

/** Reads the file that is named, else the first that is there. Throws `ConfError`. */
export function loadConf(path: string): LookyConf | undefined {
  for (const place of path === "" ? PLACES : [path]) {
    try {
      return readConf(Deno.realPathSync(place), textOf(Deno.readFileSync(place)));
    } catch (cause) {
      if (cause instanceof ConfError) throw cause;
      if (path === "" && cause instanceof Deno.errors.NotFound) continue;
      if (path === "" && cause instanceof Deno.errors.NotCapable) {
        log.error(`May not look for ${place} (--allow-read): going on without it`);
        continue;
      }
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ConfError(`Cannot read ${place}${path === "" ? "" : " (-conf)"}: ${why}`, {
        cause,
      });
    }
  }
  return undefined;
}

/** Throws `ConfError`. */
export function readConf(path: string, text: string): LookyConf {
  try {
    const conf = new Conf(text);
    const pools = readPools(conf);
    const reader = new ConfReader(conf);
    const port = reader.value("port", undefined, "a port from 0 to 65535", readPort);
    const address = reader.value("address", undefined, "any, or an IP address", readAddress);
    const access = readAccess(reader);
    const isKnown = (key: string) => pools.keys.has(key) || reader.keys.has(key);
    const unknownKeys = [...conf.keys()].filter((key) => !isKnown(key)).map(plainText);
    return { path, text, pools, port, address, access, unknownKeys };
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
  // An IPv6 address may be one of a single interface, which stands behind it.
  const bare = text.includes(":") ? text.replace(/%[\w.:-]+$/, "") : text;
  return addressBytes(bare) === undefined ? undefined : text;
}
