/** Listening sockets: the runtime opens them, and each backend accepts on them. */
import type { OnAccept, SocketBackend } from "../../lib/transport/backend.ts";
import { denoBackend } from "../../lib/transport/deno_backend.ts";
import { findDescriptor } from "../../lib/transport/epoll/adopt.ts";
import { epollBackend } from "../../lib/transport/epoll/backend.ts";
import {
  IPPROTO_TCP,
  openLibc,
  SO_ACCEPTCONN,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_NODELAY,
} from "../../lib/transport/epoll/libc.ts";
import { Reactor } from "../../lib/transport/epoll/reactor.ts";
import { ipBytesOf, portOf, SOCKADDR_BYTES } from "../../lib/transport/epoll/sockaddr.ts";
import { HandshakeQueue } from "../../lib/transport/handshake.ts";
import type { SocketStream } from "../../lib/transport/stream.ts";
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

withBackends("a listener works when an older one still has its path", async (backend) => {
  using folder = new Folder();
  const path = `${folder.path}/socket`;
  const older = Deno.listen({ transport: "unix", path });
  Deno.removeSync(path);
  const listener = await listenUnix(backend, path, (connection) => {
    connection.write(Uint8Array.of(42));
    connection.close("asked");
  });
  assertEquals(await isGreeted({ transport: "unix", path }), true);
  await listener.close();
  older.close();
});

if (libc !== undefined) {
  /** Returns TCP_NODELAY and SO_KEEPALIVE of the accepted sockets of a port. */
  const optionsOf = (port: number): number[][] => {
    const value = new Int32Array(1);
    const bytes = new Uint8Array(value.buffer);
    const option = (fd: number, level: number, name: number) => {
      const length = new Uint8Array(Uint32Array.of(4).buffer);
      return libc.getsockopt(fd, level, name, bytes, length) === 0 ? value[0]! : -1;
    };
    const sockaddr = new Uint8Array(SOCKADDR_BYTES);
    const found: number[][] = [];
    for (let fd = 0; fd < 500; fd++) {
      const length = new Uint8Array(Uint32Array.of(SOCKADDR_BYTES).buffer);
      if (libc.getsockname(fd, sockaddr, length) !== 0) continue;
      if (ipBytesOf(sockaddr) === undefined || portOf(sockaddr) !== port) continue;
      if (option(fd, SOL_SOCKET, SO_ACCEPTCONN) === 1) continue;
      found.push([option(fd, IPPROTO_TCP, TCP_NODELAY), option(fd, SOL_SOCKET, SO_KEEPALIVE)]);
    }
    return found;
  };

  Deno.test("connections have the TCP options, also those that were queued before accept", async () => {
    const reactor = Reactor.open({ onSliceStart: () => {}, onRoundEnd: () => {} })!;
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { hostname, port } = listener.addr;
    const early = await Deno.connect({ hostname, port });
    const accepted: SocketStream[] = [];
    const { promise: both, resolve } = Promise.withResolvers<void>();
    const backend = epollBackend(reactor, UNSENT_BYTES_MAX);
    const socket = backend.accept(listener, (stream) => {
      if (accepted.push(stream) === 2) resolve();
    });
    const late = await Deno.connect({ hostname, port });
    await both;
    assertEquals(optionsOf(port), [[1, 1], [1, 1]]);
    for (const conn of [early, late]) conn.close();
    for (const stream of accepted) await stream.close();
    await socket.close();
    await backend.close();
  });

  Deno.test("findDescriptor finds a listener of the runtime, and no other", () => {
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
    Deno.removeSync(path);
    const same = Deno.listen({ transport: "unix", path });
    assertEquals(findDescriptor(libc, same, never), undefined, "two sockets have the path");
    for (const listener of [tcp, other, unix, same]) listener.close();
    assertEquals(findDescriptor(libc, tcp, never), undefined);
  });
}

Deno.test("HandshakeQueue completes handshakes in the order of their arrival", async () => {
  const order: number[] = [];
  const queue = new HandshakeQueue();
  const streams = Array.from({ length: 500 }, (_, i) => ({ write: () => void order.push(i) }));
  await Promise.all(streams.map((stream, i) => {
    const handshake = { key: `${i}`.repeat(1 + i % 7), protocols: [] };
    return queue.accept(stream as unknown as SocketStream, handshake);
  }));
  assertEquals(order, streams.map((_, i) => i));
});
