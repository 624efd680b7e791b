/** Reaches the server: as many connections as are asked for, ready to speak. */
import {
  AF_INET,
  AF_UNIX,
  IPPROTO_TCP,
  MSG_NOSIGNAL,
  SOCK_STREAM,
  TCP_NODELAY,
} from "../../lib/transport/epoll/libc.ts";
import { sockaddrOf, sockaddrUnix } from "../../lib/transport/epoll/sockaddr.ts";
import type { Calls } from "./calls.ts";

/** A port of 127.0.0.1, or the path of a Unix socket. */
export type Place = number | string;

const HANDSHAKE = [
  "GET / HTTP/1.1",
  "Host: localhost",
  "Origin: http://localhost",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "\r\n",
].join("\r\n");

/** A descriptor. Waits until the server's side is there. */
export function dial(calls: Calls, place: Place, isWebSocket: boolean): number {
  const isUnix = typeof place === "string";
  const address = isUnix ? sockaddrUnix(place) : sockaddrOf([127, 0, 0, 1], place);
  const fd = calls.socket(isUnix ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
  if (fd < 0) throw new Error("Out of descriptors: see ulimit -n");
  if (calls.connect(fd, address, address.length) !== 0) {
    calls.close(fd);
    throw new Error(`Cannot reach ${place}`);
  }
  if (!isUnix) {
    const on = new Uint8Array(Int32Array.of(1).buffer);
    calls.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, on, on.length);
  }
  if (isWebSocket) shakeHands(calls, fd);
  return fd;
}

function shakeHands(calls: Calls, fd: number): void {
  const request = new TextEncoder().encode(HANDSHAKE);
  calls.send(fd, request, request.length, MSG_NOSIGNAL);
  const buffer = new Uint8Array(4096);
  let answer = "";
  while (!answer.endsWith("\r\n\r\n")) {
    const count = calls.recv(fd, buffer, buffer.length, 0);
    if (count <= 0) throw new Error("The server has ended the handshake");
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }
  if (!answer.startsWith("HTTP/1.1 101")) throw new Error("The server takes no WebSocket");
}
