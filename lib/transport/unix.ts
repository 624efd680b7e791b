/**
 * Unix socket listeners; a connection is a plain byte stream from a peer on this machine.
 *
 * A socket file that no server listens on is replaced. Any other file at the path stays, and so
 * does the socket of a running server. The socket file is removed when its listener closes.
 */
import { log } from "../log.ts";
import type { ListeningSocket, SocketBackend } from "./backend.ts";
import type { Listener, OnConnection } from "./connection.ts";

/** The mode that the original server sets: any user who may enter the folder may connect. */
const SOCKET_MODE = 0o766;

/** Listens at `path`. Throws `AddrInUse`, `AlreadyExists`, or the operating system's error. */
export async function listenUnix(
  backend: SocketBackend,
  path: string,
  onConnection: OnConnection,
): Promise<Listener> {
  await removeStale(path);
  const listener = Deno.listen({ transport: "unix", path });
  const { ino } = Deno.lstatSync(path);
  const socket = backend.accept(listener, onConnection);
  Deno.chmodSync(path, SOCKET_MODE);
  return {
    label: `unix ${path}`,
    close: () => closeOurs(path, ino, socket),
  };
}

/**
 * Closes our listener. The runtime then removes any file at the path, even one that replaced ours,
 * such as the socket of another server; such a file is moved aside meanwhile. Never throws.
 */
async function closeOurs(path: string, ino: number | null, socket: ListeningSocket): Promise<void> {
  const aside = moveAside(path, ino);
  const closing = socket.close();
  if (closing !== undefined) await closing;
  try {
    if (aside === undefined) {
      if (statOf(path)?.ino === ino) Deno.removeSync(path);
      return;
    }
    Deno.linkSync(aside, path); // unlike a rename, it does not replace a newer file
  } catch { /* the folder was moved, or a third server has taken the path */ }
  if (aside !== undefined) removeQuietly(aside);
}

/** Moves a file that is not ours aside. Returns its new name, or undefined if there is none. */
function moveAside(path: string, ino: number | null): string | undefined {
  try {
    const found = statOf(path);
    if (found === undefined || found.ino === ino) return undefined;
    const aside = `${path}.${crypto.randomUUID()}`;
    Deno.renameSync(path, aside);
    return aside;
  } catch (error) {
    log.error(`Cannot keep ${path}, which another program has replaced: ${String(error)}`);
    return undefined;
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch { /* the folder was moved */ }
}

async function removeStale(path: string): Promise<void> {
  const found = statOf(path);
  if (found === undefined) return;
  if (!found.isSocket) throw new Deno.errors.AlreadyExists(`${path} exists and is not a socket`);
  if (await isServed(path)) throw new Deno.errors.AddrInUse(`a server listens on ${path}`);
  Deno.removeSync(path);
}

/** Returns whether a server listens. Only a refused connection means no: a full queue means yes. */
async function isServed(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
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
