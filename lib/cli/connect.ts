/** Connections to the servers, and the exit statuses of the client library's errors. */
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

/** Connects to the port for locks. Throws `UsageError` for a bad address, or the library's error. */
export async function connectLocks(url: string, options: ClientOptions): Promise<Client> {
  checkUrl(url);
  return await connect(url, options);
}

/** Connects to the port for pools; throws the same errors. */
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

/** Returns how to exit after an error of the library; undefined for any other error. */
export function exitErrorOf(error: unknown): ExitError | undefined {
  if (error instanceof ExitError) return error;
  const code = errorCodeOf(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  return new ExitError(STATUS[code] ?? EXIT.unexpected, error.message);
}

/** Returns the code of an error of the library ("busy", "unreachable"), without loading that. */
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
