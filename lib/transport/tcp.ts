/** TCP: bytes as they come. */
import { addressText } from "./deno_backend.ts";
import type { Listener, OnConnection } from "./connection.ts";
import type { SocketBackend, TcpOptions } from "./backend.ts";

/** Listens; throws what `Deno.listen` throws when the address cannot be had. */
export function listenTcp(
  doors: SocketBackend,
  options: TcpOptions,
  welcome: OnConnection,
): Listener {
  const { address, close } = doors.tcp(options, welcome);
  return { label: `tcp ${addressText(address)}`, close };
}
