/** Starts the servers under test, waits until they listen, and stops those that it has started. */
// @ts-types="../../types/async.d.ts"
import { delay } from "@std/async/delay";
import { Connection } from "../clients/connection.ts";
import type { Endpoint } from "../clients/libc.ts";
import { type ListenerName, type Program, programOf, type ServerName } from "./programs.ts";

const START_MS_MAX = 20_000;
const STOP_MS_MAX = 5_000;
const RETRY_MS = 50;
/** A pool that never fills, so that granting is what is measured. */
const POOL = ["add-pool bench", "set-resource bench host-1 1000000"];

export interface Server {
  readonly name: ServerName;
  readonly pid: number;
  readonly listeners: Partial<Record<ListenerName, Endpoint>>;
  /** Name and version, where the program tells it. */
  readonly label: string;
}

/** Servers with a temporary folder for their sockets; disposal stops them and removes it. */
export class Servers implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "holdfast-bench-" });
  readonly #children: Deno.ChildProcess[] = [];

  constructor() {
    // memcached and others drop the permissions of root before they open their sockets.
    Deno.chmodSync(this.folder, 0o755);
  }

  /**
   * Starts a server and waits until it listens. Returns undefined when it is not installed.
   *
   * @param pool requests that make the pool `bench`, for servers that have pools
   */
  async start(name: ServerName, pool: readonly string[] = POOL): Promise<Server | undefined> {
    const program = programOf(name, this.folder);
    if (program === undefined) return undefined;
    const child = spawn(program, this.folder);
    this.#children.push(child);
    const { listeners } = program;
    for (const endpoint of Object.values(listeners)) await awaitListener(name, endpoint, child);
    if (listeners.looky !== undefined) makePool(listeners.looky, pool);
    return { name, pid: child.pid, listeners, label: await labelOf(name, program) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(stop));
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** @param cwd the folder where the program runs */
export function spawn({ command, args }: Program, cwd: string): Deno.ChildProcess {
  return new Deno.Command(command, { args: [...args], cwd, stdin: "null", stdout: "null" }).spawn();
}

/** Sends SIGTERM, and SIGKILL to a process that does not end. */
export async function stop(child: Deno.ChildProcess): Promise<void> {
  kill(child, "SIGTERM");
  const timer = setTimeout(() => kill(child, "SIGKILL"), STOP_MS_MAX);
  await child.status;
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch { /* it has ended already */ }
}

async function awaitListener(
  name: ServerName,
  endpoint: Endpoint,
  child: Deno.ChildProcess,
): Promise<void> {
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  for (const endMs = performance.now() + START_MS_MAX;;) {
    try {
      return new Connection(endpoint).close();
    } catch (error) {
      if (hasEnded) throw new Error(`Cannot start ${name}: it ended at once`);
      if (performance.now() > endMs) throw error;
    }
    await delay(RETRY_MS);
  }
}

function makePool(endpoint: Endpoint, requests: readonly string[]): void {
  using connection = new Connection(endpoint);
  for (const request of requests) {
    const reply = connection.ask(request);
    if (!reply.startsWith("LOOKY/1.0 200")) throw new Error(`Cannot "${request}": ${reply}`);
  }
}

/** Returns the name, and the version where the program tells it. */
export async function labelOf(name: ServerName, { command, version }: Program): Promise<string> {
  if (version === undefined) return name;
  const { stdout } = await new Deno.Command(command, { args: [...version[0]] }).output();
  const found = version[1].exec(new TextDecoder().decode(stdout))?.[1];
  return found === undefined ? name : `${name} ${found}`;
}
