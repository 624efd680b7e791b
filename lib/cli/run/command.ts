/**
 * Finds the command before `run` waits for the lock, and starts it so that it does not outlive this
 * process without the lock.
 */
import { EXIT, ExitError } from "../exit_codes.ts";

const EXECUTABLE = 0o111;

/** Throws `ExitError` with the statuses of shells: 127 not found, 126 not executable. */
export async function checkCommand(command: string, path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // other rules: the start itself will show
  const candidates = command.includes("/")
    ? [command]
    : path.split(":").map((folder) => `${folder === "" ? "." : folder}/${command}`);
  let isForbidden = false;
  for (const candidate of candidates) {
    const found = await probe(candidate);
    if (found === "executable") return;
    isForbidden ||= found === "forbidden";
  }
  throw isForbidden
    ? new ExitError(EXIT.cannotRun, `Cannot run "${command}": not an executable file`)
    : new ExitError(EXIT.notFound, `Cannot run "${command}": command not found`);
}

async function probe(path: string): Promise<"executable" | "forbidden" | "missing"> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && (mode === null || (mode & EXECUTABLE) !== 0) ? "executable" : "forbidden";
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? "forbidden" : "missing";
  }
}

/**
 * Resolves to the words that stand before the command so that the kernel kills it when this process
 * is killed: the connection ends then, and the next holder starts. Needs Linux with the setpriv of
 * util-linux 2.33 or later; resolves to no words elsewhere.
 */
export async function findParentDeathWrapper(): Promise<readonly string[]> {
  if (Deno.build.os !== "linux") return [];
  const wrapper = ["setpriv", "--pdeathsig", "KILL", "--"];
  try {
    const [program = "", ...args] = [...wrapper, "setpriv", "--version"];
    const probe = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    return (await probe.spawn().status).success ? wrapper : [];
  } catch {
    return [];
  }
}

/** Starts the command with our streams, in our process group. Throws `ExitError`. */
export function startCommand(
  words: readonly string[],
  wrapper: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const [program = "", ...args] = [...wrapper, ...words];
  const streams = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
  try {
    return new Deno.Command(program, { args, env, ...streams }).spawn();
  } catch (error) {
    const name = words[0] ?? "";
    if (error instanceof Deno.errors.NotFound) {
      throw new ExitError(EXIT.notFound, `Cannot run "${name}": command not found`);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExitError(EXIT.cannotRun, `Cannot run "${name}": ${reason}`);
  }
}
