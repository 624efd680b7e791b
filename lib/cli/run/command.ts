/**
 * Checks that the command exists before `run` waits for the lock, and starts the command so that it
 * ends with this process: it must not continue without the lock.
 */
import { EXIT, ExitError } from "../exit_codes.ts";

const EXECUTABLE = 0o111;

/** Throws `ExitError` with the status of a shell: 127 for not found, 126 for not executable. */
export async function checkCommand(command: string, path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // other rules apply; the start reports the error
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
 * Resolves to the words to put before the command, so that the kernel kills the command when this
 * process is killed. That also closes the connection, and the server grants the lock to the next
 * client. Needs Linux with the setpriv of util-linux 2.33 or later; elsewhere resolves to no words.
 */
export async function findParentDeathPrefix(): Promise<readonly string[]> {
  if (Deno.build.os !== "linux") return [];
  const prefix = ["setpriv", "--pdeathsig", "KILL", "--"];
  try {
    const [program = "", ...args] = [...prefix, "setpriv", "--version"];
    const probe = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    return (await probe.spawn().status).success ? prefix : [];
  } catch {
    return [];
  }
}

/** Starts the command with the streams and process group of this process. Throws `ExitError`. */
export function startCommand(
  command: readonly string[],
  commandPrefix: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const [program = "", ...args] = [...commandPrefix, ...command];
  const streams = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
  try {
    return new Deno.Command(program, { args, env, ...streams }).spawn();
  } catch (error) {
    const name = command[0] ?? "";
    if (error instanceof Deno.errors.NotFound) {
      throw new ExitError(EXIT.notFound, `Cannot run "${name}": command not found`);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExitError(EXIT.cannotRun, `Cannot run "${name}": ${reason}`);
  }
}
