/** Turns a URL into a connection over a transport of this runtime; each has its own file. */
import { unlessAborted } from "../abort.ts";
import { ConnectionError, HoldfastError, RequestError } from "../errors.ts";
import { type DenoConnect, dialDeno } from "./deno.ts";
import type { Link, SocketAddress } from "./link.ts";
import { dialNode } from "./node.ts";
import { dialWebSocket } from "./websocket.ts";

interface Runtime {
  readonly Deno?: DenoConnect;
  readonly process?: { readonly versions?: { readonly node?: string } };
  /** Present in web pages only. */
  readonly document?: unknown;
}

const runtime = globalThis as Runtime;

/** Whether this is a web page: browsers slow down the timers of hidden pages. */
export const isPage = runtime.document !== undefined;

/** Whether this runtime has TCP and Unix sockets. */
const hasSockets = runtime.Deno !== undefined || runtime.process?.versions?.node !== undefined;

/** The default addresses of a protocol. */
export interface DialDefaults {
  readonly port: number;
  /** For browsers. */
  readonly webSocketUrl: string;
}

export interface Dialer {
  /** The URL as given, for messages. */
  readonly url: string;
  /** Connects. Throws `ConnectionError`, or the signal's reason. */
  dial(signal: AbortSignal | undefined): Promise<Link>;
}

type Target = { readonly webSocketUrl: URL } | { readonly address: SocketAddress };

/** Parses `tcp://HOST:PORT`, `unix:PATH`, `ws://HOST:PORT/`, `wss://...`. Throws `RequestError`. */
export function dialerOf(given: string | URL | undefined, defaults: DialDefaults): Dialer {
  const defaultUrl = hasSockets ? `tcp://127.0.0.1:${defaults.port}` : defaults.webSocketUrl;
  const text = String(given ?? defaultUrl);
  const target = targetOf(given instanceof URL ? given : text, defaults);
  if (target === undefined) {
    throw new RequestError(
      `Cannot connect to ${JSON.stringify(text)}: not an address; ` +
        `write tcp://HOST:PORT, unix:PATH, ws://HOST:PORT/ or wss://HOST/`,
    );
  }
  return { url: text, dial: (signal) => dial(target, text, signal) };
}

function targetOf(given: string | URL, { port }: DialDefaults): Target | undefined {
  const path = pathOf(given);
  if (path !== undefined) return path === "" ? undefined : { address: { path } };
  if (!URL.canParse(String(given))) return undefined;
  const url = new URL(given);
  if (/^wss?:$/.test(url.protocol)) return { webSocketUrl: url };
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol !== "tcp:" || hostname === "") return undefined;
  return { address: { hostname, port: url.port === "" ? port : Number(url.port) } };
}

/** Returns the path of `unix:PATH`: unchanged from a string, unescaped from a `URL`. */
function pathOf(given: string | URL): string | undefined {
  if (given instanceof URL) {
    return given.protocol === "unix:" ? unescaped(given.pathname) : undefined;
  }
  return /^unix:(?:\/\/(?=\/))?(.*)$/is.exec(given)?.[1];
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a "%" that is not an escape
  }
}

function dialTarget(target: Target, signal: AbortSignal | undefined): Promise<Link> {
  if ("webSocketUrl" in target) return dialWebSocket(target.webSocketUrl, signal);
  if (runtime.Deno !== undefined) return dialDeno(runtime.Deno, target.address);
  if (hasSockets) return dialNode(target.address, signal);
  throw new ConnectionError(
    "Cannot open a TCP or Unix socket: web pages have none; use ws://HOST:9998/ instead",
  );
}

/** Adds the URL to errors, and closes a connection that opens after the signal has aborted. */
async function dial(
  target: Target,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Link> {
  signal?.throwIfAborted();
  try {
    const dialed = dialTarget(target, signal);
    const link = await unlessAborted(dialed, signal);
    if (link !== undefined && !signal?.aborted) return link;
    dialed.then((late) => late.close(), () => {});
    throw signal?.reason;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HoldfastError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConnectionError(`Cannot connect to "${url}": ${reason}`, { cause: error });
  }
}
