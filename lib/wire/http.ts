/**
 * Parses the head of an HTTP request, and the WebSocket handshake in it (RFC 6455 section 4). Pure.
 * The status codes of refused handshakes are those of the original server.
 */

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** Values by lower-case name; the values of a repeated header are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What a valid handshake requests. */
export interface Handshake {
  readonly key: string;
  /** The offered subprotocols, at most one. */
  readonly protocols: readonly string[];
}

/** The whole reply to a request that is not a valid handshake. */
export interface RefusedHandshake {
  readonly refusal: string;
}

/** Appended to a key before it is hashed. */
export const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Sixteen bytes in base64. */
const HANDSHAKE_KEY = /^[A-Za-z0-9+/]{22}==$/;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.[01]$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/;

/** Parses a head without its final empty line; returns undefined for anything but HTTP/1. */
export function parseRequestHead(text: string): RequestHead | undefined {
  const [first = "", ...lines] = text.split(/\r?\n/);
  const [, method, target] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    const existing = headers.get(key);
    const trimmed = trimBlanks(value);
    headers.set(key, existing === undefined ? trimmed : `${existing}, ${trimmed}`);
  }
  return { method, target, headers };
}

/**
 * Returns the value without spaces and tabs at its ends. Does not use a regular expression: one
 * that looks for blanks at the end takes quadratic time for blanks in the middle, and any peer can
 * send those.
 */
function trimBlanks(value: string): string {
  const isBlank = (index: number) => value[index] === " " || value[index] === "\t";
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return value.slice(start, end);
}

/** Checks a handshake. Returns what it requests, or the reply that refuses it. */
export function readHandshake(head: RequestHead | undefined): Handshake | RefusedHandshake {
  if (head === undefined) return refuse("400 Bad Request", "not an HTTP request");
  const { method, headers } = head;
  if (method !== "GET") return refuse("405 Method Not Allowed", "bad method", "Allow: GET");
  if (!hasToken(headers, "upgrade", "websocket") || !hasToken(headers, "connection", "upgrade")) {
    return refuse("400 Bad Request", "not websocket protocol");
  }
  if (headers.get("sec-websocket-version") !== "13") {
    return refuse(
      "400 Bad Request",
      "missing or bad WebSocket Version",
      "Sec-WebSocket-Version: 13",
    );
  }
  const key = headers.get("sec-websocket-key") ?? "";
  if (!HANDSHAKE_KEY.test(key)) return refuse("400 Bad Request", "mismatch challenge/response");
  const protocols = tokens(headers, "sec-websocket-protocol");
  if (protocols.length > 1) return refuse("400 Bad Request", "too many subprotocols");
  return { key, protocols };
}

/**
 * Returns the reply that accepts a handshake.
 * @param acceptValue the hash of the key, in base64.
 */
export function writeAccepted(acceptValue: string, protocols: readonly string[]): string {
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptValue}`,
    ...protocols.map((protocol) => `Sec-WebSocket-Protocol: ${protocol}`),
    "\r\n",
  ].join("\r\n");
}

function refuse(status: string, why: string, ...headers: string[]): RefusedHandshake {
  const refusal = [
    `HTTP/1.1 ${status}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${why.length + 1}`,
    "Connection: close",
    ...headers,
    "",
    `${why}\n`,
  ].join("\r\n");
  return { refusal };
}

function tokens(headers: RequestHead["headers"], name: string): string[] {
  return (headers.get(name) ?? "").split(",").map((token) => token.trim()).filter((t) => t !== "");
}

function hasToken(headers: RequestHead["headers"], name: string, token: string): boolean {
  return tokens(headers, name).some((found) => found.toLowerCase() === token);
}
