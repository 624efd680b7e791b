/** The servers while they run: started, awaited, and ended; nobody else's process is touched. */
import type { Place } from "../load/dial.ts";
import { type Program, programOf } from "./programs.ts";
import type { Door, ServerName } from "./rows.ts";

const START_MS = 20_000;
const END_MS = 5_000;
const LOOK_MS = 50;
/** A pool that never fills, so that what is measured is granting. */
const POOL = ["add-pool bench", "set-resource bench host-1 1000000"];

export interface Server {
  readonly name: ServerName;
  /** Name and version. */
  readonly label: string;
  readonly pid: number;
  readonly doors: Partial<Record<Door, Place>>;
}

export class Servers {
  readonly #children: Deno.ChildProcess[] = [];
  readonly #folder: string;

  /** @param folder for sockets; it must be there until `end` has been waited for. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A server that listens; undefined when it is not on this machine. */
  async start(name: ServerName): Promise<Server | undefined> {
    const program = programOf(name, this.#folder);
    if (program === undefined) return undefined;
    const child = new Deno.Command(program.command, {
      args: [...program.args],
      cwd: this.#folder,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    this.#children.push(child);
    let isOver = false;
    child.status.then(() => isOver = true);
    for (const place of Object.values(program.doors)) await reach(name, place, () => isOver);
    if (program.doors.looky !== undefined) await makePool(program.doors.looky);
    return { name, label: await labelOf(name, program), pid: child.pid, doors: program.doors };
  }

  /** Ends all; those that do not go are killed. */
  async end(): Promise<void> {
    await Promise.all(this.#children.map(async (child) => {
      send(child, "SIGTERM");
      const timer = setTimeout(() => send(child, "SIGKILL"), END_MS);
      await child.status;
      clearTimeout(timer);
    }));
  }
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch { /* it has gone already */ }
}

/** Waits until somebody listens there. */
async function reach(name: string, place: Place, isOver: () => boolean): Promise<void> {
  const endMs = performance.now() + START_MS;
  while (true) {
    try {
      (await dial(place)).close();
      return;
    } catch (error) {
      if (isOver()) throw new Error(`${name} has ended at once`);
      if (performance.now() > endMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function dial(place: Place): Promise<Deno.Conn> {
  return typeof place === "string"
    ? Deno.connect({ transport: "unix", path: place })
    : Deno.connect({ hostname: "127.0.0.1", port: place });
}

async function makePool(place: Place): Promise<void> {
  using conn = await dial(place);
  const buffer = new Uint8Array(1024);
  for (const line of POOL) {
    await conn.write(new TextEncoder().encode(`${line}\r\n`));
    const reply = new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
    if (!reply.startsWith("LOOKY/1.0 200")) throw new Error(`${line}: ${reply}`);
  }
}

/** Its name, and its version when it tells. */
export async function labelOf(
  name: ServerName,
  { command, asksVersion }: Program,
): Promise<string> {
  if (asksVersion === undefined) return name;
  const { stdout } = await new Deno.Command(command, { args: [...asksVersion[0]] }).output();
  const version = asksVersion[1].exec(new TextDecoder().decode(stdout))?.[1];
  return version === undefined ? name : `${name} ${version}`;
}
