/** Socket addresses as the kernel writes them (`struct sockaddr`). */
import { AF_INET, AF_INET6, AF_UNIX } from "./libc.ts";

/** The size of a buffer that holds any address. */
export const SOCKADDR_BYTES = 128;
/** Where the path of a Unix socket begins. */
const PATH_AT = 2;

/** Returns the address of a TCP peer. */
export function addressOf(sockaddr: Uint8Array<ArrayBuffer>): Deno.NetAddr {
  const view = viewOf(sockaddr);
  const isV6 = familyOf(sockaddr) === AF_INET6;
  const hostname = isV6 ? textOfV6(view) : sockaddr.subarray(4, 8).join(".");
  return { transport: "tcp", hostname, port: view.getUint16(2) };
}

/** Returns the 4 or 16 bytes of an IP address; undefined for another family. */
export function ipBytesOf(sockaddr: Uint8Array<ArrayBuffer>): Uint8Array | undefined {
  const family = familyOf(sockaddr);
  if (family === AF_INET) return sockaddr.subarray(4, 8);
  return family === AF_INET6 ? sockaddr.subarray(8, 24) : undefined;
}

/** Returns the port of an IP address. */
export function portOf(sockaddr: Uint8Array<ArrayBuffer>): number {
  return viewOf(sockaddr).getUint16(2);
}

/** Returns the path of a Unix socket; undefined for another family. */
export function pathOf(sockaddr: Uint8Array<ArrayBuffer>): string | undefined {
  if (familyOf(sockaddr) !== AF_UNIX) return undefined;
  const end = sockaddr.indexOf(0, PATH_AT);
  return new TextDecoder().decode(sockaddr.subarray(PATH_AT, end < 0 ? undefined : end));
}

function familyOf(sockaddr: Uint8Array<ArrayBuffer>): number {
  return viewOf(sockaddr).getUint16(0, true);
}

function viewOf(sockaddr: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(sockaddr.buffer, sockaddr.byteOffset, sockaddr.length);
}

function textOfV6(view: DataView): string {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i).toString(16));
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") {
    const bytes = [20, 21, 22, 23].map((offset) => view.getUint8(offset));
    return `::ffff:${bytes.join(".")}`;
  }
  // `URL` writes an address in its shortest form.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
