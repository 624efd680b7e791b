/** Connections to the servers, and what their errors mean at the terminal. */
import {
  type Client,
  type ClientOptions,
  connect,
  connectPools as openPools,
  type PoolClient,
  type PoolOptions,
} from "../client/mod.ts";
import { UsageError } from "../server/flags.ts";
import { EXIT, ExitError } from "./exit_codes.ts";

/** Connects to the locks, or says that it cannot: `Failure` 69, `UsageError` for a bad address. */
export async function connectLocks(url: string, options: ClientOptions): Promise<Client> {
  checkUrl(url);
  return await connect(url, options);
}

/** The same for pools. */
export async function connectPools(url: string, options: PoolOptions): Promise<PoolClient> {
  checkUrl(url);
  return await openPools(url, options);
}

function checkUrl(url: string): void {
  if (/^(tcp|wss?):\/\/[^/]|^unix:./.test(url)) return;
  throw new UsageError(
    `"${url}" is no address: tcp://HOST:PORT, unix:/PATH, ws://HOST:PORT/ or wss://HOST/ is`,
  );
}

/** The failure that an error of the library means; undefined when it is none of its errors. */
export function failureOf(error: unknown): ExitError | undefined {
  if (error instanceof ExitError) return error;
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  return new ExitError(STATUS[code] ?? EXIT.unexpected, error.message);
}

/** "busy", "unreachable", ...: what the library's errors are known by, without loading it. */
export function codeOf(error: unknown): string | undefined {
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
