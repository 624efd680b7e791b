/** The runtime's permissions limit the addresses to listen on, whichever backend accepts. */
import { assertEquals } from "../support/assert.ts";
import { freeAddress } from "../support/server.ts";

const root = new URL("../../", import.meta.url);

/** Runs `openTcp` on each port in a program with these rights. Returns the backend and the results. */
async function tryPorts(rights: readonly string[], ports: readonly number[]): Promise<string[]> {
  const program = `
    const { openTcp } = await import("${new URL("lib/transport/tcp.ts", root).href}");
    const { denoBackend } = await import("${new URL("lib/transport/deno_backend.ts", root).href}");
    const { epollBackend } = await import("${
    new URL("lib/transport/epoll/backend.ts", root).href
  }");
    const { Reactor } = await import("${new URL("lib/transport/epoll/reactor.ts", root).href}");
    const reactor = Reactor.open({ onSliceStart() {}, onRoundEnd() {} });
    const backend = reactor === undefined ? denoBackend(1e6) : epollBackend(reactor, 1e6);
    console.log(reactor === undefined ? "runtime" : "epoll");
    for (const port of ${JSON.stringify(ports)}) {
      try {
        openTcp(backend, { hostname: "127.0.0.1", port }, () => {});
        console.log("open");
      } catch (error) {
        console.log(error.name);
      }
    }
    Deno.exit();
  `;
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  Deno.writeTextFileSync(file, program);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-check", ...rights, file],
    cwd: root.pathname,
    stdout: "piped",
    stderr: "piped",
  }).output();
  Deno.removeSync(file);
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("--allow-net=127.0.0.1:PORT allows listening on that port only", async () => {
  const [allowed, other] = [freeAddress().port, freeAddress().port];
  const net = `--allow-net=127.0.0.1:${allowed}`;
  assertEquals(await tryPorts([net], [allowed, other]), ["runtime", "open", "NotCapable"]);
  const [backend, ...opened] = await tryPorts([net, "--allow-ffi"], [allowed, other]);
  assertEquals(opened, ["open", "NotCapable"]);
  if (Deno.build.os === "linux") assertEquals(backend, "epoll");
});
