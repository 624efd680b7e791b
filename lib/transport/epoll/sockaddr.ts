/** Addresses as the kernel writes them, and back. */
import { AF_INET, AF_INET6, AF_UNIX } from "./libc.ts";

/** Room for any that a peer can have. */
export const SOCKADDR_BYTES = 128;
/** The longest path of a Unix socket, its closing zero included. */
const PATH_BYTES = 108;

/** @param address the bytes of an IP address, 4 or 16. */
export function sockaddrOf(address: readonly number[], port: number): Uint8Array<ArrayBuffer> {
  const isV6 = address.length > 4;
  const bytes = new Uint8Array(isV6 ? 28 : 16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isV6 ? AF_INET6 : AF_INET, true);
  view.setUint16(2, port);
  bytes.set(address, isV6 ? 8 : 4);
  return bytes;
}

export function sockaddrUnix(path: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(path);
  if (text.length >= PATH_BYTES) throw new Error(`${path} is too long for a socket`);
  const bytes = new Uint8Array(2 + text.length + 1);
  bytes[0] = AF_UNIX;
  bytes.set(text, 2);
  return bytes;
}

export function addressOf(sockaddr: Uint8Array<ArrayBuffer>): Deno.NetAddr {
  const view = new DataView(sockaddr.buffer);
  const isV6 = view.getUint16(0, true) === AF_INET6;
  const hostname = isV6 ? textOfV6(view) : sockaddr.subarray(4, 8).join(".");
  return { transport: "tcp", hostname, port: view.getUint16(2) };
}

function textOfV6(view: DataView): string {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i).toString(16));
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") {
    const bytes = [20, 21, 22, 23].map((at) => view.getUint8(at));
    return `::ffff:${bytes.join(".")}`;
  }
  // The platform knows how to write it shortest.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
