/** Who may use the Looky port: order, allow and deny of looky.conf, as Apache has them. */
import { BlockList, isIP } from "node:net";
import { foldBlanks } from "../wire/blanks.ts";
import type { ConfReader } from "../wire/looky_conf.ts";

/** Whether a peer with that IP address may connect. */
export type Access = (host: string) => boolean;

const ORDERS = ["deny,allow", "allow,deny"] as const;
type Order = typeof ORDERS[number];

const HOSTS_TEXT = "all, localhost, addresses like 10.1.2.3, beginnings of them like 10.1., " +
  "networks like 10.0.0.0/8, parted by blanks or commas; no names";

export function readAccess(reader: ConfReader): Access {
  const order = reader.value<Order>(
    "order",
    "deny,allow",
    ORDERS.join(" or "),
    (text) => ORDERS.find((order) => order === text.toLowerCase().replace(/\s*,\s*/, ",")),
  );
  const allowed = reader.value("allow", new BlockList(), HOSTS_TEXT, readHosts);
  const denied = reader.value("deny", new BlockList(), HOSTS_TEXT, readHosts);
  const isIn = (hosts: BlockList, host: string) => {
    const [address] = host.split("%"); // without the interface it came by
    return hosts.check(address!, isIP(address!) === 6 ? "ipv6" : "ipv4");
  };
  // The list named last has the last word, and its opposite is what holds for those in neither.
  return order === "deny,allow"
    ? (host) => isIn(allowed, host) || !isIn(denied, host)
    : (host) => isIn(allowed, host) && !isIn(denied, host);
}

function readHosts(text: string): BlockList | undefined {
  const hosts = new BlockList();
  const words = foldBlanks(text).split(/[ ,]+/).filter((word) => word !== "");
  return words.length > 0 && words.every((word) => addHosts(hosts, word)) ? hosts : undefined;
}

/** Adds what one word means; false when it means nothing. */
function addHosts(hosts: BlockList, word: string): boolean {
  if (word === "all" || word === "localhost") {
    const [v4, v6] = word === "all" ? ["0.0.0.0/0", "::/0"] : ["127.0.0.0/8", "::1/128"];
    return addHosts(hosts, v4!) && addHosts(hosts, v6!);
  }
  const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(word) ?? [];
  const version = isIP(address);
  if (address.includes("%")) return false; // of one interface only: nobody can say which that is
  if (version !== 0) {
    const most = version === 6 ? 128 : 32;
    if (Number(bits ?? most) > most) return false;
    hosts.addSubnet(address, Number(bits ?? most), version === 6 ? "ipv6" : "ipv4");
    return true;
  }
  const parts = /^\d{1,3}(\.\d{1,3}){0,2}\.?$/.test(word) ? word.replace(/\.$/, "").split(".") : [];
  const network = [...parts, "0", "0", "0"].slice(0, 4).join(".");
  if (parts.length === 0 || isIP(network) === 0) return false;
  hosts.addSubnet(network, 8 * parts.length, "ipv4");
  return true;
}
