/** TCP: bytes as they come. */
import { addressText } from "./accept.ts";
import type { Listener, Welcome } from "./connection.ts";
import type { Doors, TcpOptions } from "./doors.ts";

/** Listens; throws what `Deno.listen` throws when the address cannot be had. */
export function listenTcp(doors: Doors, options: TcpOptions, welcome: Welcome): Listener {
  const { address, close } = doors.tcp(options, welcome);
  return { label: `tcp ${addressText(address)}`, close };
}
