/** Rows to a look-up table. What is counted of a command stands in its entry and cannot be forgotten. */
import { type Named, NameTable } from "../collections/name_table.ts";
import type { Command, Feature, Need } from "./command.ts";

export interface CommandEntry extends Named<CommandEntry> {
  readonly name: string;
  readonly command: Command;
  /** Whether the configuration grants what the row needs. */
  readonly isEnabled: boolean;
  /** Whether there is such a command only for those who have said hello. */
  readonly isExtended: boolean;
  /** Whether it is for administrators. */
  readonly isAdmin: boolean;
  /** How many words may follow the name. */
  readonly wordsMin: number;
  readonly wordsMax: number;
  /** How often it was asked for since the start, refused or not. */
  calls: number;
}

export class CommandTable {
  readonly #entries: CommandEntry[] = [];
  readonly #byName = new NameTable<CommandEntry>(0);

  /** Builds the table of one server; two rows of one name are a bug and stop the start. */
  constructor(commands: Iterable<Command>, grants: ReadonlySet<Feature>) {
    for (const command of commands) {
      const name = nameOf(command);
      if (this.find(name) !== undefined) throw new Error(`Two commands are named "${name}"`);
      const needs = command.needs ?? [];
      const isEnabled = needs.every((need) => isJudgedLater(need) || grants.has(need));
      const isExtended = needs.includes("hello");
      const isAdmin = needs.includes("admin");
      const [, ...words] = command.usage.split(" ");
      const optional = words.filter((word) => word.startsWith("[")).length;
      const [wordsMin, wordsMax] = [words.length - optional, words.length];
      const chain = { hash: 0, chained: undefined };
      const count = { wordsMin, wordsMax };
      const entry = { name, command, isEnabled, isExtended, isAdmin, ...count, calls: 0, ...chain };
      this.#entries.push(entry);
      this.#byName.add(entry);
    }
  }

  find(verb: string): CommandEntry | undefined {
    return this.#byName.get(verb);
  }

  [Symbol.iterator](): Iterator<CommandEntry> {
    return this.#entries.values();
  }
}

function isJudgedLater(need: Need): need is Exclude<Need, Feature> {
  return need === "(m)" || need === "(M)" || need === "hello" || need === "admin";
}

/** The first word of the usage line. */
export function nameOf(command: Command): string {
  return command.usage.split(" ", 1)[0]!;
}
