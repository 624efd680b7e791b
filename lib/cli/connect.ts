/** Connects to servers, and maps the client library's errors to exit statuses. */
import { UsageError } from "../args/rows.ts";
import {
  type Client,
  type ClientOptions,
  connect,
  connectPools as openPools,
  type PoolClient,
  type PoolOptions,
} from "../client/mod.ts";
import { EXIT, ExitError } from "./exit_codes.ts";

/** Connects to the port for locks. Throws `UsageError` for a bad address, or a library error. */
export async function connectLocks(url: string, options: ClientOptions): Promise<Client> {
  checkUrl(url);
  return await connect(url, options);
}

/** Connects to the port for pools. Throws the same errors as `connectLocks`. */
export async function connectPools(url: string, options: PoolOptions): Promise<PoolClient> {
  checkUrl(url);
  return await openPools(url, options);
}

function checkUrl(url: string): void {
  if (/^(tcp|wss?):\/\/[^/]|^unix:./.test(url)) return;
  throw new UsageError(
    `Cannot connect to "${url}": not an address; ` +
      "write tcp://HOST:PORT, unix:/PATH, ws://HOST:PORT/ or wss://HOST/",
  );
}

/** Returns the `ExitError` for an error of the library; undefined for any other error. */
export function exitErrorOf(error: unknown): ExitError | undefined {
  if (error instanceof ExitError) return error;
  const code = errorCodeOf(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  return new ExitError(STATUS[code] ?? EXIT.unexpected, error.message);
}

/** Returns the code of a library error ("busy", "unreachable"), without loading the library. */
export function errorCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

const STATUS: Readonly<Record<string, number>> = {
  busy: EXIT.busy,
  limit: EXIT.busy,
  draining: EXIT.busy,
  deadlock: EXIT.busy,
  "no-room": EXIT.busy,
  timeout: EXIT.timeout,
  unreachable: EXIT.unreachable,
  lost: EXIT.lost,
  denied: EXIT.denied,
  disabled: EXIT.denied,
  error: EXIT.usage,
  unknown: EXIT.usage,
  conflict: EXIT.usage,
  failed: EXIT.unexpected,
};
