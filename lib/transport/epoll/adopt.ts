/**
 * Finds the descriptor of a listening socket that the runtime has opened.
 *
 * The runtime does not expose it, and `/proc` is closed to a program without all permissions. So
 * this asks the kernel about each descriptor in turn: is it a listening socket, and which address is
 * it bound to?
 */
import { DESCRIPTOR_SLACK } from "../../limits.ts";
import { addressBytes } from "../../wire/ip_address.ts";
import type { RuntimeListener } from "../backend.ts";
import { type Libc, NONBLOCK_CLOEXEC, SO_ACCEPTCONN, SOL_SOCKET } from "./libc.ts";
import { ipBytesOf, pathOf, portOf, SOCKADDR_BYTES } from "./sockaddr.ts";

/**
 * Returns the descriptor, or undefined when it cannot be told: none matches, or several do. A Unix
 * socket whose file was removed still has its path, so an older socket may match, too.
 * @param isTaken whether a descriptor is known to belong to another socket.
 */
export function findDescriptor(
  libc: Libc,
  { addr }: RuntimeListener,
  isTaken: (fd: number) => boolean,
): number | undefined {
  const isListening = listeningTest(libc);
  const sockaddr = new Uint8Array(SOCKADDR_BYTES);
  const isWanted = addr.transport === "tcp" ? matchTcp(addr) : matchUnix(addr as Deno.UnixAddr);
  if (isWanted === undefined) return undefined;
  let found: number | undefined;
  for (let fd = 0, end = searchEnd(libc); fd < end; fd++) {
    if (isTaken(fd) || !isListening(fd)) continue;
    const length = Uint32Array.of(SOCKADDR_BYTES);
    if (libc.getsockname(fd, sockaddr, new Uint8Array(length.buffer)) !== 0) continue;
    if (!isWanted(sockaddr.subarray(0, length[0]))) continue;
    if (found !== undefined) return undefined;
    found = fd;
  }
  return found;
}

/**
 * Returns the end of the search: the kernel gives out the smallest free descriptor, so a new socket is
 * below the one that is free now, or a little above, if other descriptors were closed since.
 */
function searchEnd(libc: Libc): number {
  const free = libc.eventfd(0, NONBLOCK_CLOEXEC);
  if (free < 0) return 0;
  libc.close(free);
  return free + DESCRIPTOR_SLACK;
}

type Match = (sockaddr: Uint8Array<ArrayBuffer>) => boolean;

function matchTcp({ hostname, port }: Deno.NetAddr): Match | undefined {
  const wanted = addressBytes(hostname)?.join();
  if (wanted === undefined) return undefined;
  return (sockaddr) => ipBytesOf(sockaddr)?.join() === wanted && portOf(sockaddr) === port;
}

function matchUnix({ path }: Deno.UnixAddr): Match {
  return (sockaddr) => pathOf(sockaddr) === path;
}

/** Returns a test for listening sockets; the test allocates nothing. */
function listeningTest(libc: Libc): (fd: number) => boolean {
  const value = new Int32Array(1);
  const bytes = new Uint8Array(value.buffer);
  const length = new Uint8Array(Uint32Array.of(bytes.length).buffer);
  return (fd) =>
    libc.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, bytes, length) === 0 && value[0] === 1;
}
