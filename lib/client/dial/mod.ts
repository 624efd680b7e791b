/** From a URL to a connection, by what this runtime has: one file a transport. */
import { ConnectionError, HoldfastError, RequestError } from "../errors.ts";
import { unlessAborted } from "../abort.ts";
import { type DenoConnect, dialDeno } from "./deno.ts";
import type { Link, SocketAddress } from "./link.ts";
import { dialNode } from "./node.ts";
import { dialWebSocket } from "./websocket.ts";

interface Runtime {
  readonly Deno?: DenoConnect;
  readonly process?: { readonly versions?: { readonly node?: string } };
  /** There in web pages only. */
  readonly document?: unknown;
}

const runtime = globalThis as Runtime;

/** Whether timers are slowed down when nobody looks, as browsers do to pages. */
export const isPage = runtime.document !== undefined;

/** Whether this runtime has sockets other than WebSockets. */
const hasSockets = runtime.Deno !== undefined || runtime.process?.versions?.node !== undefined;

/** What a protocol's own address is. */
export interface DialDefaults {
  readonly port: number;
  /** Where browsers go. */
  readonly web: string;
}

export interface Dialer {
  /** For messages. */
  readonly url: string;
  /** Connects; ConnectionError when that cannot be, else the signal's reason. */
  dial(signal: AbortSignal | undefined): Promise<Link>;
}

/** Where a link goes: through the web, or as a socket. */
type Target = { readonly web: URL } | { readonly place: SocketAddress };

/** Reads a URL: tcp://HOST:PORT, unix:PATH, ws://HOST:PORT/, wss://...; RequestError. */
export function dialerOf(given: string | URL | undefined, defaults: DialDefaults): Dialer {
  const own = hasSockets ? `tcp://127.0.0.1:${defaults.port}` : defaults.web;
  const text = String(given ?? own);
  const target = targetOf(given instanceof URL ? given : text, defaults);
  if (target === undefined) {
    throw new RequestError(
      `${JSON.stringify(text)} is no address; write tcp://HOST:PORT, unix:PATH, ` +
        `ws://HOST:PORT/ or wss://HOST/`,
    );
  }
  const dial = (signal: AbortSignal | undefined) => dialTarget(target, signal);
  return { url: text, dial: (signal) => explained(dial, text, signal) };
}

function targetOf(given: string | URL, { port }: DialDefaults): Target | undefined {
  const path = pathOf(given);
  if (path !== undefined) return path === "" ? undefined : { place: { path } };
  if (!URL.canParse(String(given))) return undefined;
  const url = new URL(given);
  if (/^wss?:$/.test(url.protocol)) return { web: url };
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol !== "tcp:" || hostname === "") return undefined;
  return { place: { hostname, port: url.port === "" ? port : Number(url.port) } };
}

/** Of unix:PATH the path as it is written, whatever bytes it has; only a URL escapes some. */
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
    return path; // there is nothing escaped in it, or not as in a URL
  }
}

function dialTarget(target: Target, signal: AbortSignal | undefined): Promise<Link> {
  if ("web" in target) return dialWebSocket(target.web, signal);
  if (runtime.Deno !== undefined) return dialDeno(runtime.Deno, target.place);
  if (hasSockets) return dialNode(target.place, signal);
  throw new ConnectionError("web pages have WebSockets only; use ws://HOST:9998/");
}

/** A failure says where to; a connection that comes too late is closed. */
async function explained(
  dial: (signal: AbortSignal | undefined) => Promise<Link>,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Link> {
  signal?.throwIfAborted();
  try {
    const dialed = dial(signal);
    const link = await unlessAborted(dialed, signal);
    if (link !== undefined && !signal?.aborted) return link;
    dialed.then((late) => late.close(), () => {});
    throw signal?.reason;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HoldfastError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ConnectionError(`cannot connect to ${url}: ${why}`, { cause: error });
  }
}
