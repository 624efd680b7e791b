/**
 * The executable that `compile.sh --offline` builds, and the root folder of the scratch image, in
 * which chroot runs it as a user without permissions. Both need x86_64 Linux and the npm registry;
 * the folder also needs root. Without these a test is skipped with the reason, but fails in CI.
 */
import { log } from "../../lib/log.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { startProgram } from "../support/server.ts";

const root = new URL("../../", import.meta.url).pathname;
const target = "builds/x86_64-unknown-linux-gnu/holdfast";
const binary = `${root}${target}`;

/** Whether to skip a test, with a reason in the log. In CI every test must run. */
function cannotRun(subject: string, reason: string | false): boolean {
  if (reason === false || Deno.env.get("CI") === "true") return false;
  log.info(`SKIPPED: ${subject}: ${reason}`);
  return true;
}

const notLinux = Deno.build.target !== "x86_64-unknown-linux-gnu" && "needs x86_64 Linux";
const notRoot = notLinux || (Deno.uid() !== 0 && "needs root, for chroot");

async function output(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd: root }).output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

Deno.test("compile.sh --offline builds an executable marked as a test build, and its checksum", {
  ignore: cannotRun("the executable", notLinux),
}, async () => {
  await output("./compile.sh", "--offline");
  assertMatch(await output(binary, "version"), /^holdfast \d+\.\d+\.\d+ \(.*test build, not for/);
  const sums = await Deno.readTextFile(`${root}builds/SHA256SUMS`);
  assertEquals(await output("sha256sum", target), sums.replace("  x86", "  builds/x86"));
});

Deno.test("the executable runs in the scratch image's folder as a user without permissions", {
  ignore: cannotRun("the image", notRoot),
}, async () => {
  const folder = await Deno.makeTempDir();
  await output("docker/rootfs.sh", binary, folder);
  await output("mount", "-t", "proc", "proc", `${folder}/proc`); // as a container engine does
  try {
    const command = ["chroot", "--userspec=65532:65532", folder, "/holdfast"] as const;
    await using server = await startProgram([...command], [
      "-host=0.0.0.0",
      "-unix=",
      "-looky-unix=",
    ]);
    const status = await Deno.readTextFile(`/proc/${server.process.pid}/status`);
    assertMatch(status, /^Uid:\t65532\t65532\t65532\t65532$/m);
    using client = await LineClient.dial(server.tcp);
    assertEquals(await client.ask("g foo"), "1 Lock Get Success: foo");
    const socket = new WebSocket(`ws://127.0.0.1:${server.ws.port}/`);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.onopen = () => socket.send("g foo");
    const reply = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
    assertEquals(reply.data, "0 Lock Get Failure: foo\r\n");
    socket.close();
    await closed;
  } finally {
    await output("umount", `${folder}/proc`);
    await Deno.remove(folder, { recursive: true });
  }
});
