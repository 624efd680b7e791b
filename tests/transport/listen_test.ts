/** Listening sockets: the runtime opens them, and each backend accepts on them. */
import type { OnAccept, SocketBackend } from "../../lib/transport/backend.ts";
import { denoBackend } from "../../lib/transport/deno_backend.ts";
import { findDescriptor } from "../../lib/transport/epoll/adopt.ts";
import { epollBackend } from "../../lib/transport/epoll/backend.ts";
import { openLibc } from "../../lib/transport/epoll/libc.ts";
import { Reactor } from "../../lib/transport/epoll/reactor.ts";
import { openTcp } from "../../lib/transport/tcp.ts";
import { listenUnix } from "../../lib/transport/unix.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";

const UNSENT_BYTES_MAX = 128 * 1024;
const libc = openLibc();

/** Runs a test with each backend; without foreign functions, only with the runtime's. */
function withBackends(title: string, run: (backend: SocketBackend) => Promise<void>): void {
  Deno.test(`${title}, with the runtime's sockets`, () => run(denoBackend(UNSENT_BYTES_MAX)));
  if (libc === undefined) return;
  Deno.test(`${title}, with epoll`, async () => {
    const reactor = Reactor.open({ onSliceStart: () => {}, onRoundEnd: () => {} })!;
    const backend = epollBackend(reactor, UNSENT_BYTES_MAX);
    await run(backend);
    await backend.close();
  });
}

/** Answers every connection with one byte, and closes it. */
const greet: OnAccept = async (stream) => {
  await stream.write(Uint8Array.of(42));
  await stream.close("asked");
};

async function isGreeted(at: Deno.ConnectOptions | Deno.UnixConnectOptions): Promise<boolean> {
  try {
    const conn = "path" in at ? await Deno.connect(at) : await Deno.connect(at);
    const bytes = new Uint8Array(2);
    const count = await conn.read(bytes);
    conn.close();
    return count === 1 && bytes[0] === 42;
  } catch (error) {
    // The runtime closes its sockets a little later; the kernel resets connections made before that.
    const isGone = error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.ConnectionReset;
    assert(isGone, String(error));
    return false;
  }
}

withBackends(
  "openTcp() listens on a name, an IPv4 and an IPv6 address, until close()",
  async (backend) => {
    for (const hostname of ["localhost", "127.0.0.1", "::1"]) {
      const socket = openTcp(backend, { hostname, port: 0 }, greet);
      const { hostname: at, port } = socket.address;
      assertEquals(await isGreeted({ hostname: at, port }), true, hostname);
      assertThrows(() => openTcp(backend, { hostname: at, port }, greet), Deno.errors.AddrInUse);
      await socket.close();
      assertEquals(await isGreeted({ hostname: at, port }), false, hostname);
    }
  },
);

withBackends(
  "closing the IPv4 listener of a port leaves the IPv6 listener of that port open",
  async (backend) => {
    const first = openTcp(backend, { hostname: "127.0.0.1", port: 0 }, greet);
    const { port } = first.address;
    const second = openTcp(backend, { hostname: "::1", port }, greet);
    await first.close();
    assertEquals(await isGreeted({ hostname: "127.0.0.1", port }), false);
    assertEquals(await isGreeted({ hostname: "::1", port }), true);
    await second.close();
  },
);

withBackends("listenUnix() listens on a path with characters beyond ASCII", async (backend) => {
  using folder = new Folder();
  const path = `${folder.path}/söckét 文`;
  const listener = await listenUnix(backend, path, (connection) => {
    connection.write(Uint8Array.of(42));
    connection.close("asked");
  });
  assertEquals(await isGreeted({ transport: "unix", path }), true);
  await listener.close();
  assertThrows(() => Deno.lstatSync(path), Deno.errors.NotFound);
});

withBackends(
  "closing a listener leaves another server's socket at its path",
  async (backend) => {
    using folder = new Folder();
    const path = `${folder.path}/socket`;
    const first = await listenUnix(backend, path, () => {});
    Deno.removeSync(path);
    const second = await listenUnix(backend, path, (connection) => {
      connection.write(Uint8Array.of(42));
      connection.close("asked");
    });
    await first.close();
    assertEquals(await isGreeted({ transport: "unix", path }), true);
    assertEquals([...Deno.readDirSync(folder.path)].length, 1);
    await second.close();
    assertEquals([...Deno.readDirSync(folder.path)].length, 0);
  },
);

if (libc !== undefined) {
  Deno.test("findDescriptor() returns the descriptor of a listener, and of no other file", () => {
    using folder = new Folder();
    const path = `${folder.path}/socket`;
    const never = () => false;
    const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const unix = Deno.listen({ transport: "unix", path });
    const found = [tcp, other, unix].map((listener) => findDescriptor(libc, listener, never));
    assertEquals(new Set(found).size, 3);
    assert(found.every((fd) => fd !== undefined && fd > 2));
    assertEquals(findDescriptor(libc, tcp, (fd) => fd === found[0]), undefined);
    for (const listener of [tcp, other, unix]) listener.close();
    assertEquals(findDescriptor(libc, tcp, never), undefined);
  });
}
