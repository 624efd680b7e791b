/** The errors of connections that end. */
import { ConnectionError } from "./errors.ts";

/** Returns the error for a connection that broke, or was closed for a fault of the server. */
export function lostError(reason: string, cause?: unknown): ConnectionError {
  return new ConnectionError(`Connection lost: ${reason}`, cause === undefined ? {} : { cause });
}

/** Returns the error for requests on a connection that this side closed. */
export function closedError(): ConnectionError {
  return new ConnectionError("Cannot get a reply: the connection was closed");
}

/** Returns the error for calls of a client that was closed. */
export function clientClosedError(): ConnectionError {
  return new ConnectionError("Cannot use the client: it was closed");
}
