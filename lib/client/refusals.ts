/** Turns refusals by the server into errors. */
import { listOf, numberOf, type ReplyLine, valueOf } from "../wire/extended.ts";
import {
  BusyError,
  DeadlockError,
  DeniedError,
  DisabledError,
  DrainingError,
  type HoldfastError,
  LimitError,
  type Obstacle,
  RequestError,
  TimeoutError,
} from "./errors.ts";

/** Returns the error for a refusal of `verb`, or for an unexpected reply to it. */
export function errorOf(
  reply: ReplyLine,
  verb: string,
  names: readonly string[] = [],
): HoldfastError {
  const message = valueOf(reply, "message");
  switch (reply.word) {
    case "busy":
      return new BusyError(obstacleOf(reply, names));
    case "timeout":
      return new TimeoutError(numberOf(reply, "waited") ?? 0, obstacleOf(reply, names));
    case "deadlock":
      return new DeadlockError(listOf(reply, "cycle"));
    case "limit":
      return new LimitError(message ?? `Cannot run "${verb}": a limit of the server is reached`);
    case "draining":
      return new DrainingError();
    case "denied":
      return new DeniedError(
        `Cannot run "${verb}": it is for programs on the server's machine that are not web pages, ` +
          `unless the server's flags allow it to others`,
      );
    case "disabled":
      return new DisabledError(verb);
    case "error":
      return new RequestError(message ?? `Cannot run "${verb}": refused by the server`);
    default:
      return new RequestError(`Cannot run "${verb}": unexpected reply "${reply.word}"`);
  }
}

function obstacleOf(reply: ReplyLine, names: readonly string[]): Obstacle {
  return {
    lock: valueOf(reply, "name") ?? names[0] ?? "",
    holder: valueOf(reply, "holder"),
    sinceMs: numberOf(reply, "since"),
    why: valueOf(reply, "why"),
    queue: numberOf(reply, "queue") ?? 0,
  };
}
