/** The head of an HTTP request, and the reply to a WebSocket handshake. */
import { HTTP_HEAD_BYTES_MAX } from "../../lib/limits.ts";
import {
  parseRequestHead,
  readHandshake,
  type RequestHead,
  writeAccepted,
} from "../../lib/wire/http.ts";
import { acceptValue } from "../../lib/transport/handshake.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
/** A handshake that is accepted. */
const HANDSHAKE: Readonly<Record<string, string>> = {
  "Host": "localhost:9998",
  "Upgrade": "websocket",
  "Connection": "Upgrade",
  "Sec-WebSocket-Key": KEY,
  "Sec-WebSocket-Version": "13",
};

/** Returns the head of a handshake with changed headers; null removes a header. */
function handshake(
  changes: Readonly<Record<string, string | null>> = {},
  first = "GET / HTTP/1.1",
): RequestHead | undefined {
  const headers = Object.entries({ ...HANDSHAKE, ...changes }).filter(([, v]) => v !== null);
  return parseRequestHead(
    [first, ...headers.map(([name, value]) => `${name}: ${value}`)].join("\r\n"),
  );
}

Deno.test("parseRequestHead() returns the request line, and headers by lower-case name", () => {
  const cases: [text: string, target: string, headers: Record<string, string>][] = [
    ["GET / HTTP/1.1", "/", {}],
    ["GET /a/../b?x=%20&y#z HTTP/1.0", "/a/../b?x=%20&y#z", {}],
    ["GET * HTTP/1.1\r\nHost: a:1", "*", { host: "a:1" }],
    ["GET / HTTP/1.1\r\nHost:a\r\nX-Y: \t b c \t", "/", { host: "a", "x-y": "b c" }],
    ["GET / HTTP/1.1\r\na:\r\nb: ", "/", { a: "", b: "" }],
    ["GET / HTTP/1.1\r\nA: 1\r\nb: 2\r\na: 3, 4", "/", { a: "1, 3, 4", b: "2" }],
    ["GET / HTTP/1.1\r\na: b: c\xff", "/", { a: "b: c\xff" }],
    ["GET / HTTP/1.1\r\n!#$%&'*+.^_`|~0: 1", "/", { "!#$%&'*+.^_`|~0": "1" }],
    ["GET / HTTP/1.1\r\nconstructor: 1", "/", { constructor: "1" }],
    ["GET / HTTP/1.1\na: 1\nb: 2", "/", { a: "1", b: "2" }],
  ];
  for (const [text, target, headers] of cases) {
    const expected = { method: "GET", target, headers: new Map(Object.entries(headers)) };
    assertEquals(parseRequestHead(text), expected, JSON.stringify(text));
  }
  assertEquals(parseRequestHead("M-SEARCH / HTTP/1.1")?.method, "M-SEARCH");
});

Deno.test("parseRequestHead() returns undefined for text that is not an HTTP/1 head", () => {
  const others = [
    "",
    "g foo",
    "GET /",
    "GET / HTTP/2",
    "GET / HTTP/1.2",
    "GET / http/1.1",
    "GET / HTTP/1.1 ",
    " GET / HTTP/1.1",
    "GET  / HTTP/1.1",
    "GET /a b HTTP/1.1",
    "GET  HTTP/1.1",
    " / HTTP/1.1",
    "G:T / HTTP/1.1",
    "\r\nGET / HTTP/1.1",
    "GET / HTTP/1.1\r\n",
    "GET / HTTP/1.1\r\nno colon",
    "GET / HTTP/1.1\r\n: no name",
    "GET / HTTP/1.1\r\nspace : 1",
    "GET / HTTP/1.1\r\n space: 1",
    "GET / HTTP/1.1\r\na: 1\r\n folded",
    "GET / HTTP/1.1\r\na: 1\r\n\r\nb: 2",
    "GET / HTTP/1.1\r\na: 1\rb: 2",
    "GET / HTTP/1.1\r\n\xe9: 1",
  ];
  for (const text of others) assertEquals(parseRequestHead(text), undefined, JSON.stringify(text));
});

Deno.test("parseRequestHead() takes linear time for the longest run of blanks", () => {
  const blanks = " ".repeat(HTTP_HEAD_BYTES_MAX);
  assertEquals(parseRequestHead(`GET / HTTP/1.1\r\na:${blanks}b`)?.headers.get("a"), "b");
  assertEquals(parseRequestHead(`GET / HTTP/1.1\r\na:b${blanks}`)?.headers.get("a"), "b");
  assertEquals(
    parseRequestHead(`GET / HTTP/1.1\r\na:b${blanks}c`)?.headers.get("a"),
    `b${blanks}c`,
  );
});

// A regular expression that trimmed the blanks at both ends took half an hour for this.
Deno.test("parseRequestHead() takes linear time for the longest run of blanks before a CR", () => {
  const blanks = " ".repeat(HTTP_HEAD_BYTES_MAX);
  assertEquals(parseRequestHead(`GET / HTTP/1.1\r\na:${blanks}\rb`), undefined);
});

Deno.test("acceptValue() returns the value of RFC 6455 section 1.3", async () => {
  assertEquals(await acceptValue(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

Deno.test("readHandshake() returns the key, and writeAccepted() the reply with its hash", () => {
  assertEquals(readHandshake(handshake()), { key: KEY, protocols: [] });
  assertEquals(
    writeAccepted("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", []),
    [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      "\r\n",
    ].join("\r\n"),
  );
});

Deno.test("readHandshake() accepts equivalent headers, and ignores others", () => {
  const same: (RequestHead | undefined)[] = [
    handshake({}, "GET /any/path?x=1 HTTP/1.1"),
    handshake({ "Connection": "keep-alive, Upgrade" }),
    handshake({ "Connection": "UPGRADE,keep-alive" }),
    handshake({ "Upgrade": "h2c, WebSocket" }),
    handshake({ "Origin": "http://localhost" }),
    handshake({ "Origin": "null" }),
    handshake({ "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" }),
    handshake({ "Sec-WebSocket-Protocol": "" }),
    handshake({ "Cookie": "x".repeat(8000) }),
    parseRequestHead(
      `GET / HTTP/1.1\r\nupgrade: websocket\r\nCONNECTION: keep-alive\r\nconnection: upgrade\r\n` +
        `SEC-WEBSOCKET-KEY: ${KEY}\r\nsec-websocket-version:13`,
    ),
  ];
  const expected = readHandshake(handshake());
  for (const head of same) assertEquals(readHandshake(head), expected, JSON.stringify(head));
});

Deno.test("readHandshake() returns the offered subprotocol, and writeAccepted() writes it", () => {
  const read = readHandshake(handshake({ "Sec-WebSocket-Protocol": " Lock.v1 " }));
  assertEquals(read, { key: KEY, protocols: ["Lock.v1"] });
  assertStringIncludes(writeAccepted("", ["Lock.v1"]), "\r\nSec-WebSocket-Protocol: Lock.v1\r\n");
});

Deno.test("readHandshake() refuses a request that is not a handshake, with the right status", () => {
  const version = "Sec-WebSocket-Version: 13\r\n";
  const [bad, method] = ["400 Bad Request", "405 Method Not Allowed"];
  const refusals: [head: RequestHead | undefined, status: string, says: string][] = [
    [undefined, bad, "HTTP"],
    [
      parseRequestHead("GET / HTTP/1.1\r\nHost: localhost"),
      bad,
      "\r\n\r\nnot websocket protocol\n",
    ],
    [handshake({ "Upgrade": null }), bad, "\r\n\r\nnot websocket protocol\n"],
    [handshake({ "Upgrade": "websockets" }), bad, "\r\n\r\nnot websocket protocol\n"],
    [handshake({ "Connection": null }), bad, "\r\n\r\nnot websocket protocol\n"],
    [handshake({ "Connection": "keep-alive" }), bad, "\r\n\r\nnot websocket protocol\n"],
    [handshake({}, "POST / HTTP/1.1"), method, "Allow: GET\r\n"],
    [handshake({}, "get / HTTP/1.1"), method, "Allow: GET\r\n"],
    [handshake({ "Sec-WebSocket-Version": null }), bad, version],
    [handshake({ "Sec-WebSocket-Version": "8" }), bad, version],
    [handshake({ "Sec-WebSocket-Version": "8, 13" }), bad, version],
    [handshake({ "Sec-WebSocket-Key": null }), bad, "challenge"],
    [handshake({ "Sec-WebSocket-Key": "" }), bad, "challenge"],
    [handshake({ "Sec-WebSocket-Key": KEY.slice(4) }), bad, "challenge"],
    [handshake({ "Sec-WebSocket-Key": `AAAA${KEY}` }), bad, "challenge"],
    [handshake({ "Sec-WebSocket-Key": KEY.replace("Z", "-") }), bad, "challenge"],
    [handshake({ "Sec-WebSocket-Key": `${KEY}, ${KEY}` }), bad, "challenge"],
    [handshake({ "Sec-WebSocket-Protocol": "a, b" }), bad, "subprotocol"],
  ];
  for (const [head, status, says] of refusals) {
    const read = readHandshake(head);
    assert("refusal" in read, JSON.stringify(read));
    const { refusal: text } = read;
    assert(text.startsWith(`HTTP/1.1 ${status}\r\n`), text);
    assertStringIncludes(text, says);
    assertMatch(text, /\r\nConnection: close\r\n/);
    const body = text.slice(text.indexOf("\r\n\r\n") + 4);
    assertStringIncludes(text, `\r\nContent-Length: ${body.length}\r\n`);
  }
});
