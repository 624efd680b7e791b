// deno-lint-ignore-file no-console -- a benchmark prints its table
/**
 * How the pools grow: the rate of requests over TCP at 100 sessions and at 1,000,000, with 10
 * resources and with 10,000, and what a session takes of memory. Starts a server of its own.
 *
 *     deno task bench:pools
 *
 * The client sends batches over a few connections and only counts the replies' lines, so that the
 * server is what is measured. Figures of one run compare with each other, not with other machines.
 */
const CONNECTIONS = 4;
const BATCH = 64;
const MEASURE_MS = 2_000;
const LF = 0x0a;
const main = new URL("../main.ts", import.meta.url).pathname;

/** Sends a batch and waits for as many lines. */
async function ask(conn: Deno.Conn, lines: readonly string[]): Promise<void> {
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(""));
  const sent = (async () => {
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  })();
  const buffer = new Uint8Array(64 * 1024);
  for (let missing = lines.length; missing > 0;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("The server has ended the connection");
    for (let i = 0; i < count; i++) if (buffer[i] === LF) missing--;
  }
  await sent;
}

/** Requests a second that `next` makes, over all connections. */
async function rate(conns: readonly Deno.Conn[], next: () => string): Promise<number> {
  const startMs = performance.now();
  let done = 0;
  await Promise.all(conns.map(async (conn) => {
    while (performance.now() - startMs < MEASURE_MS) {
      await ask(conn, Array.from({ length: BATCH }, next));
      done += BATCH;
    }
  }));
  return done / (performance.now() - startMs) * 1000;
}

async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

async function measure(seed: string, resources: number, sessions: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/looky.sock`;
  const flags = ["-port=0", "-ws=0", "-looky=0", `-looky-unix=${path}`, `-conf=${folder}/none`];
  await Deno.writeTextFile(`${folder}/none`, "");
  const rights = ["--no-prompt", "--allow-net", "--allow-read", "--allow-write", "--allow-ffi"];
  const args = ["run", ...rights, main, ...flags];
  const server = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  try {
    await server.stdout.getReader().read();
    const dial = () => Deno.connect({ transport: "unix", path });
    const conns = await Promise.all(Array.from({ length: CONNECTIONS }, dial));
    const all = async (lines: string[]) => {
      for (let i = 0; i < lines.length; i += 1000) await ask(conns[0]!, lines.slice(i, i + 1000));
    };
    const each = Math.ceil(sessions / resources) + 100;
    await all(["add-pool farm", `set-seed farm ${seed}`, "set-mode farm queued"]);
    await all(Array.from({ length: resources }, (_, i) => `set-resource farm host-${i} ${each}`));
    const emptyBytes = await residentBytes(server.pid);
    await all(Array.from({ length: sessions }, (_, i) => `consume farm user-${i}`));
    const fullBytes = await residentBytes(server.pid);
    let turn = 0;
    const renewing = await rate(conns, () => `consume farm user-${(turn += 7919) % sessions}`);
    const coming = await rate(
      conns,
      () => `${++turn & 1 ? "consume" : "release"} farm guest-${(turn >> 1) & 255}`,
    );
    console.log(
      [
        seed.padEnd(9),
        String(resources).padStart(6),
        String(sessions).padStart(8),
        `${Math.round(renewing / 1000)}k`.padStart(6),
        `${Math.round(coming / 1000)}k`.padStart(6),
        sessions < 10_000 ? "" : `${Math.round((fullBytes - emptyBytes) / sessions)} B`.padStart(7),
      ].join("  "),
    );
    for (const conn of conns) conn.close();
  } finally {
    server.kill();
    await server.status;
    await Deno.remove(folder, { recursive: true });
  }
}

console.log("seed      resources  sessions  renew/s  consume+release/s  memory a session");
for (
  const seed of Deno.args.length > 0 ? Deno.args : ["weighted", "serial", "parallel", "minimal"]
) {
  await measure(seed, 10, 100);
  await measure(seed, 10, 1_000_000);
  await measure(seed, 10_000, 1_000_000);
}
