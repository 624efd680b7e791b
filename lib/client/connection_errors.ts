/** Creates the errors for connections that have ended. */
import { ConnectionError } from "./errors.ts";

/** Returns the error for a connection that broke, or was closed because the server misbehaved. */
export function lostError(reason: string, cause?: unknown): ConnectionError {
  return new ConnectionError(`Connection lost: ${reason}`, cause === undefined ? {} : { cause });
}

/** Returns the error for requests on a connection that this client closed. */
export function closedError(): ConnectionError {
  return new ConnectionError("Cannot get a reply: the connection was closed");
}

/** Returns the error for calls to a closed client. */
export function clientClosedError(): ConnectionError {
  return new ConnectionError("Cannot use the client: it was closed");
}
