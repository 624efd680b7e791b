/** From the server's refusals to errors. */
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

/** The error that a reply means which is not what was hoped for. */
export function errorOf(
  line: ReplyLine,
  verb: string,
  names: readonly string[] = [],
): HoldfastError {
  switch (line.word) {
    case "busy":
      return new BusyError(obstacleOf(line, names));
    case "timeout":
      return new TimeoutError(numberOf(line, "waited") ?? 0, obstacleOf(line, names));
    case "deadlock":
      return new DeadlockError(listOf(line, "cycle"));
    case "limit":
      return new LimitError(valueOf(line, "message") ?? "more than the server takes");
    case "draining":
      return new DrainingError();
    case "denied":
      return new DeniedError(
        `"${verb}" is for administrators: those on the server's machine that are no web page; ` +
          `the server's flags can allow it to others`,
      );
    case "disabled":
      return new DisabledError(verb);
    case "error":
      return new RequestError(valueOf(line, "message") ?? `"${verb}" was refused`);
    default:
      return new RequestError(`"${verb}" was answered in words unknown here: ${line.word}`);
  }
}

function obstacleOf(line: ReplyLine, names: readonly string[]): Obstacle {
  return {
    lock: valueOf(line, "name") ?? names[0] ?? "",
    holder: valueOf(line, "holder"),
    sinceMs: numberOf(line, "since"),
    why: valueOf(line, "why"),
    queue: numberOf(line, "queue") ?? 0,
  };
}
