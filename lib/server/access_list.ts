/** Decides which peers may use the Looky port: `order`, `allow` and `deny`, as in Apache. */
import { collapseWhitespace } from "../wire/whitespace.ts";
import { addressBytes, haveSamePrefix, unmapped } from "../wire/ip_address.ts";
import type { ConfReader } from "../wire/looky_conf.ts";

/** Returns whether a peer with the IP address `host` may connect. */
export type AccessList = (host: string) => boolean;

const ORDERS = ["deny,allow", "allow,deny"] as const;
type Order = typeof ORDERS[number];

/** All addresses whose first `bits` bits equal those of `address`. */
interface Network {
  readonly address: readonly number[];
  readonly bits: number;
}

const HOSTS_TEXT = "all, localhost, addresses like 10.1.2.3, prefixes like 10.1., " +
  "or networks like 10.0.0.0/8, separated by blanks or commas; host names are not supported";

/** Reads the access list of a file. Throws `ConfValueError`. */
export function readAccessList(reader: ConfReader): AccessList {
  const order = reader.value<Order>(
    "order",
    "deny,allow",
    ORDERS.join(" or "),
    (text) => ORDERS.find((order) => order === text.toLowerCase().replace(/\s*,\s*/, ",")),
  );
  const allowed = reader.value("allow", [], HOSTS_TEXT, readHosts);
  const denied = reader.value("deny", [], HOSTS_TEXT, readHosts);
  const isIn = (networks: readonly Network[], host: string) => {
    const address = addressBytes(host.split("%")[0]!); // without the IPv6 scope
    if (address === undefined) return false;
    return networks.some((network) =>
      haveSamePrefix(network.address, unmapped(address), network.bits)
    );
  };
  // The list named last has precedence; its opposite applies to addresses in neither list.
  return order === "deny,allow"
    ? (host) => isIn(allowed, host) || !isIn(denied, host)
    : (host) => isIn(allowed, host) && !isIn(denied, host);
}

function readHosts(text: string): readonly Network[] | undefined {
  const words = collapseWhitespace(text).split(/[ ,]+/).filter((word) => word !== "");
  const networks = words.map(readHost);
  if (words.length === 0 || networks.includes(undefined)) return undefined;
  return networks.flatMap((network) => network!);
}

/** Returns the networks that a word stands for; undefined when the word is malformed. */
function readHost(word: string): readonly Network[] | undefined {
  if (word === "all" || word === "localhost") {
    const [v4, v6] = word === "all" ? ["0.0.0.0/0", "::/0"] : ["127.0.0.0/8", "::1/128"];
    return [...readHost(v4!)!, ...readHost(v6!)!];
  }
  const [, text = "", bitsText] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(word) ?? [];
  const address = addressBytes(text);
  if (address !== undefined) {
    const length = 8 * address.length;
    const bits = Number(bitsText ?? length);
    if (bits > length) return undefined;
    const v4 = unmapped(address);
    const mappedBits = length - 8 * v4.length;
    return [bits < mappedBits ? { address, bits } : { address: v4, bits: bits - mappedBits }];
  }
  const parts = /^\d{1,3}(\.\d{1,3}){0,2}\.?$/.test(word) ? word.replace(/\.$/, "").split(".") : [];
  const network = addressBytes([...parts, "0", "0", "0"].slice(0, 4).join("."));
  if (parts.length === 0 || network === undefined) return undefined;
  return [{ address: network, bits: 8 * parts.length }];
}
