/**
 * Finding the command before anybody is kept waiting for it, and starting it so that it does not
 * outlive us without the lock.
 */
import { EXIT, ExitError } from "../exit_codes.ts";

const EXECUTABLE = 0o111;

/** Throws `Failure` as shells do: 127 not found, 126 cannot be run. */
export async function checkCommand(command: string, path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // its rules are its own: starting it will tell
  const places = command.includes("/")
    ? [command]
    : path.split(":").map((folder) => `${folder === "" ? "." : folder}/${command}`);
  let forbidden = false;
  for (const place of places) {
    const found = await look(place);
    if (found === "yes") return;
    forbidden ||= found === "forbidden";
  }
  throw forbidden
    ? new ExitError(EXIT.cannotRun, `${command} cannot be run: it is no executable file`)
    : new ExitError(EXIT.notFound, `${command}: no such command`);
}

async function look(place: string): Promise<"yes" | "forbidden" | "no"> {
  try {
    const { isFile, mode } = await Deno.stat(place);
    return isFile && (mode === null || (mode & EXECUTABLE) !== 0) ? "yes" : "forbidden";
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? "forbidden" : "no";
  }
}

/**
 * What to put before the command so that the kernel kills it when we are killed: the connection
 * would be gone, the next one would start, and this one must not go on. Linux, with the setpriv of
 * util-linux 2.33 or later; nothing elsewhere.
 */
export async function findKeeper(): Promise<readonly string[]> {
  if (Deno.build.os !== "linux") return [];
  const keeper = ["setpriv", "--pdeathsig", "KILL", "--"];
  try {
    const [program = "", ...args] = [...keeper, "setpriv", "--version"];
    const probe = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    return (await probe.spawn().status).success ? keeper : [];
  } catch {
    return [];
  }
}

/** Starts it with our streams, in our group, and these variables added. Throws `Failure`. */
export function startCommand(
  words: readonly string[],
  keeper: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const [program = "", ...args] = [...keeper, ...words];
  const streams = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
  try {
    return new Deno.Command(program, { args, env, ...streams }).spawn();
  } catch (error) {
    const name = words[0] ?? "";
    if (error instanceof Deno.errors.NotFound) {
      throw new ExitError(EXIT.notFound, `${name}: no such command`);
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new ExitError(EXIT.cannotRun, `${name} cannot be run: ${why}`);
  }
}
