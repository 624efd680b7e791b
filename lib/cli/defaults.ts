/** Where the servers are and what we are called there, unless the options say so. */
export const LOCKS_VARIABLE = "HOLDFAST_URL";
export const POOLS_VARIABLE = "HOLDFAST_POOLS_URL";
export const LOCKS_URL = "tcp://127.0.0.1:9999";
export const POOLS_URL = "tcp://127.0.0.1:4040";

/** The variable, or undefined when it is empty, missing or not to be read. */
export function variable(name: string): string | undefined {
  try {
    return Deno.env.get(name) || undefined;
  } catch {
    return undefined; // no --allow-env
  }
}

export function locksUrl(given: string | undefined): string {
  return given ?? variable(LOCKS_VARIABLE) ?? LOCKS_URL;
}

export function poolsUrl(given: string | undefined): string {
  return given ?? variable(POOLS_VARIABLE) ?? POOLS_URL;
}

/** "alice@build-7:4711": who it is, for people, and one of its kind. */
export function defaultName(): string {
  const user = variable("USER") ?? variable("LOGNAME") ?? variable("USERNAME");
  return `${user === undefined ? "" : `${user}@`}${hostname()}:${Deno.pid}`;
}

function hostname(): string {
  try {
    return Deno.hostname();
  } catch {
    return variable("HOSTNAME") ?? "localhost"; // no --allow-sys
  }
}
