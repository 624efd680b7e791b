/** The errors of connections; each text names the peer's address. */

/** The connection ended without a proper close: reset, timed out, or dropped by the server. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/** Returns the error of an operation on a connection that is gone. */
export function lostError(
  doing: "read from" | "write to" | "close",
  address: string,
  cause?: unknown,
): ConnectionLostError {
  return new ConnectionLostError(`Cannot ${doing} ${address}: the connection is lost`, { cause });
}

/** Returns the error of a connection that is dropped because the peer does not read its replies. */
export function stalledError(address: string, unsentBytes: number): ConnectionLostError {
  return new ConnectionLostError(
    `Cannot write to ${address}: it does not read its replies, and ${unsentBytes} unsent bytes ` +
      `exceed -max-reply-buffer`,
  );
}
