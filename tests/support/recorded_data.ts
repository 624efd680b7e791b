/**
 * The format of recorded dialogues: their steps, and the placeholders in their texts. Pure.
 *
 * Files are UTF-8; the texts returned here have one character per byte. In expected text `${ADDRn}`
 * is the default name of connection n, and `${ALT:a|b}` is a or b.
 */
import { textOf } from "../../lib/wire/bytes.ts";
import { exactly, inAnyOrder, oneOf, type Wanted } from "./wanted.ts";

type Part =
  | string
  | { readonly repeat: string; readonly times: number }
  | { readonly b64: string };
export type Data = string | readonly Part[];

export type FrameName = "text" | "binary" | "continuation";

interface OnConnection {
  readonly conn: string;
}

export type Step =
  | { readonly sleep_ms: number }
  | OnConnection & { readonly open: "tcp" | "unix" | "ws"; readonly origin?: string | null }
  | OnConnection & {
    readonly send: Data;
    readonly frame?: FrameName;
    readonly fin?: boolean;
    readonly mask?: boolean;
  }
  | OnConnection & { readonly frames: readonly Data[] }
  | OnConnection & { readonly recv: Data; readonly frame?: FrameName; readonly join?: boolean }
  | OnConnection & { readonly recv_unordered: readonly Data[] }
  | OnConnection & { readonly recv_map: readonly string[] }
  | OnConnection & { readonly recv_close: number }
  | OnConnection & { readonly expect_silence_ms: number }
  | OnConnection & { readonly expect_eof_ms: number }
  | OnConnection & { readonly close: "fin" | "rst" | "half" | "ws" }
  | OnConnection & { readonly poll: Data; readonly until: Data };

export interface Scenario {
  readonly name: string;
  readonly note: string;
  /** The flags of the server. */
  readonly flags: readonly string[];
  readonly steps: readonly Step[];
}

/** Returns the default name of a connection. */
export type NameOf = (conn: string) => string;

/** The other keys that a step may have, by the key that determines its kind. */
const STEP_KEYS: Readonly<Record<string, readonly string[]>> = {
  sleep_ms: [],
  open: ["conn", "origin"],
  send: ["conn", "frame", "fin", "mask"],
  frames: ["conn"],
  recv: ["conn", "frame", "join"],
  recv_unordered: ["conn"],
  recv_map: ["conn"],
  recv_close: ["conn"],
  expect_silence_ms: ["conn"],
  expect_eof_ms: ["conn"],
  close: ["conn"],
  poll: ["conn", "until"],
};

/** Parses a dialogue. Throws `Error` if a step has a key that the player would ignore. */
export function readScenario(json: string): Scenario {
  const scenario: Scenario = JSON.parse(json);
  for (const step of scenario.steps) {
    const keys = Object.keys(step);
    const known = keys.flatMap((key) =>
      STEP_KEYS[key] === undefined ? [] : [key, ...STEP_KEYS[key]]
    );
    if (keys.some((key) => !known.includes(key))) {
      throw new Error(`Cannot read ${scenario.name}: unknown step ${JSON.stringify(step)}`);
    }
  }
  return scenario;
}

/** Returns the text to send. */
export function sentText(data: Data): string {
  return partsOf(data).map(partText).join("");
}

/** Returns what a `recv` expects. */
export function wantedOf(data: Data, nameOf: NameOf): Wanted {
  return oneOf(textsOf(data, nameOf));
}

/** Returns what a `recv_unordered` expects. */
export function wantedInAnyOrder(blocks: readonly Data[], nameOf: NameOf): Wanted {
  return inAnyOrder(blocks.map((block) => onlyText(block, nameOf)));
}

/** Returns what a `recv_map` expects: its items are recorded in the order of their keys. */
export function wantedMap(items: readonly string[], nameOf: NameOf): Wanted {
  return exactly(onlyText(`map[${items.join(" ")}]\n`, nameOf));
}

function onlyText(data: Data, nameOf: NameOf): string {
  const [text, ...others] = textsOf(data, nameOf);
  if (text !== undefined && others.length === 0) return text;
  throw new Error(`Cannot use alternatives here: ${JSON.stringify(data)}`);
}

/** Returns all texts that the data may mean. */
function textsOf(data: Data, nameOf: NameOf): string[] {
  return combined(
    partsOf(data).flatMap((part) =>
      typeof part === "string" ? choicesIn(part, nameOf) : [[partText(part)]]
    ),
  );
}

/** Returns the pieces of a text, each as a list of its possible texts. */
function choicesIn(text: string, nameOf: NameOf): string[][] {
  // Splitting by a pattern with a group puts the content of the braces at odd indices.
  return text.split(/\$\{([^}]*)\}/).map((piece, i) => {
    if (i % 2 === 0) return [partText(piece)];
    if (piece.startsWith("ADDR")) return [nameOf(piece.slice("ADDR".length))];
    if (piece.startsWith("ALT:")) return piece.slice("ALT:".length).split("|");
    throw new Error(`Cannot replace \${${piece}}: unknown placeholder`);
  });
}

/** Returns all texts made of one choice of each piece. */
function combined(choices: readonly string[][]): string[] {
  let texts = [""];
  for (const next of choices) texts = texts.flatMap((text) => next.map((choice) => text + choice));
  return texts;
}

function partsOf(data: Data): readonly Part[] {
  return typeof data === "string" ? [data] : data;
}

function partText(part: Part): string {
  if (typeof part === "string") return textOf(new TextEncoder().encode(part));
  if ("b64" in part) return atob(part.b64);
  return partText(part.repeat).repeat(part.times);
}
