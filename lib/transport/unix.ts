/**
 * Unix sockets: bytes as they come, for peers on this machine.
 *
 * A socket file that nobody listens on any more is replaced; anything else at the path stays, and
 * so does the socket of a living server. The file goes when the listener does.
 */
import type { Listener, OnConnection } from "./connection.ts";
import type { SocketBackend } from "./backend.ts";

/** As the original server sets it: whoever may enter the folder may connect. */
const SOCKET_MODE = 0o766;

/** Listens; throws `AddrInUse`, `AlreadyExists` or what the operating system says of the path. */
export async function listenUnix(
  doors: SocketBackend,
  path: string,
  welcome: OnConnection,
): Promise<Listener> {
  await removeStale(path);
  const door = doors.unix(path, welcome);
  Deno.chmodSync(path, SOCKET_MODE);
  const { ino } = Deno.lstatSync(path);
  return {
    label: `unix ${path}`,
    close(): void {
      door.close();
      try {
        if (statOf(path)?.ino === ino) Deno.removeSync(path);
      } catch { /* somebody has moved the folder: nothing of ours is left there */ }
    },
  };
}

async function removeStale(path: string): Promise<void> {
  const found = statOf(path);
  if (found === undefined) return;
  if (!found.isSocket) throw new Deno.errors.AlreadyExists(`${path} exists and is no socket`);
  if (await isAlive(path)) throw new Deno.errors.AddrInUse(`A server listens on ${path}`);
  Deno.removeSync(path);
}

async function isAlive(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
    // Anything else, a full queue for one, may be a living server.
    return !(error instanceof Deno.errors.ConnectionRefused);
  }
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
