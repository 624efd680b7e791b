/** The defaults of --url and --name: environment variables, then fixed values. */
export const LOCKS_VARIABLE = "HOLDFAST_URL";
export const POOLS_VARIABLE = "HOLDFAST_POOLS_URL";
export const LOCKS_URL = "tcp://127.0.0.1:9999";
export const POOLS_URL = "tcp://127.0.0.1:4040";

/** Returns the value of an environment variable; undefined if it is empty, unset or unreadable. */
export function readEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name) || undefined;
  } catch {
    return undefined; // no --allow-env
  }
}

export function locksUrl(option: string | undefined): string {
  return option ?? readEnv(LOCKS_VARIABLE) ?? LOCKS_URL;
}

export function poolsUrl(option: string | undefined): string {
  return option ?? readEnv(POOLS_VARIABLE) ?? POOLS_URL;
}

/** Returns a name such as "alice@build-7:4711": readable, and unique to this process. */
export function defaultName(): string {
  const user = readEnv("USER") ?? readEnv("LOGNAME") ?? readEnv("USERNAME");
  return `${user === undefined ? "" : `${user}@`}${hostname()}:${Deno.pid}`;
}

function hostname(): string {
  try {
    return Deno.hostname();
  } catch {
    return readEnv("HOSTNAME") ?? "localhost"; // no --allow-sys
  }
}
