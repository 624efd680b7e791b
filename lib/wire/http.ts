/**
 * The head of an HTTP request, and the WebSocket handshake in it (RFC 6455 section 4). Pure.
 * The status codes of a refused handshake are the original server's.
 */
import { sha1 } from "./sha1.ts";

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** Values by lower-case name; several of one name are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
}

const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Sixteen bytes in base64. */
const HANDSHAKE_KEY = /^[A-Za-z0-9+/]{22}==$/;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.[01]$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/;

/** Reads a head without its closing empty line; undefined when it is no HTTP/1 request. */
export function readHead(text: string): RequestHead | undefined {
  const [first = "", ...lines] = text.split(/\r?\n/);
  const [, method, target] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    const before = headers.get(key);
    const bare = withoutBlanks(value);
    headers.set(key, before === undefined ? bare : `${before}, ${bare}`);
  }
  return { method, target, headers };
}

/**
 * The value without spaces and tabs at its ends. By hand: an expression that looks for blanks at the
 * end takes a time that grows with the square of those in the middle, and a head is a stranger's.
 */
function withoutBlanks(value: string): string {
  const isBlank = (index: number) => value[index] === " " || value[index] === "\t";
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return value.slice(start, end);
}

/** The whole answer to a handshake, and whether it was accepted. */
export function answerHandshake(
  head: RequestHead | undefined,
): { readonly accepted: boolean; readonly text: string } {
  if (head === undefined) return refused("400 Bad Request", "not an HTTP request");
  const { method, headers } = head;
  if (method !== "GET") return refused("405 Method Not Allowed", "bad method", "Allow: GET");
  if (!names(headers, "upgrade", "websocket") || !names(headers, "connection", "upgrade")) {
    return refused("400 Bad Request", "not websocket protocol");
  }
  if (headers.get("sec-websocket-version") !== "13") {
    return refused(
      "400 Bad Request",
      "missing or bad WebSocket Version",
      "Sec-WebSocket-Version: 13",
    );
  }
  const key = headers.get("sec-websocket-key") ?? "";
  if (!HANDSHAKE_KEY.test(key)) return refused("400 Bad Request", "mismatch challenge/response");
  const protocols = tokens(headers, "sec-websocket-protocol");
  if (protocols.length > 1) return refused("400 Bad Request", "too many subprotocols");
  return { accepted: true, text: accepted(key, protocols) };
}

/** The value by which a client knows that its handshake was understood. */
export function acceptValue(key: string): string {
  return btoa(sha1(key + HANDSHAKE_GUID));
}

function accepted(key: string, protocols: readonly string[]): string {
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptValue(key)}`,
    ...protocols.map((protocol) => `Sec-WebSocket-Protocol: ${protocol}`),
    "\r\n",
  ].join("\r\n");
}

function refused(
  status: string,
  why: string,
  ...headers: string[]
): { readonly accepted: false; readonly text: string } {
  const text = [
    `HTTP/1.1 ${status}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${why.length + 1}`,
    "Connection: close",
    ...headers,
    "",
    `${why}\n`,
  ].join("\r\n");
  return { accepted: false, text };
}

function tokens(headers: RequestHead["headers"], name: string): string[] {
  return (headers.get(name) ?? "").split(",").map((token) => token.trim()).filter((t) => t !== "");
}

function names(headers: RequestHead["headers"], name: string, token: string): boolean {
  return tokens(headers, name).some((found) => found.toLowerCase() === token);
}
