/** The look-up table of commands. An entry holds a command and the number of its calls. */
import { type Named, NameTable } from "../collections/name_table.ts";
import type { Command, Feature, Need } from "./command.ts";
import type { CommandCatalog, CommandInfo } from "./context.ts";

export interface CommandEntry extends Named<CommandEntry>, CommandInfo {
  readonly name: string;
  readonly command: Command;
  /** Whether only administrators may run the command. */
  readonly isAdmin: boolean;
  /** The smallest number of words that may follow the name. */
  readonly wordsMin: number;
  /** The largest number of words that may follow the name. */
  readonly wordsMax: number;
  calls: number;
}

export class CommandTable implements CommandCatalog {
  readonly #entries: CommandEntry[] = [];
  readonly #byName = new NameTable<CommandEntry>(0);

  /**
   * Builds the table of one protocol.
   * @param features the features that the configuration grants.
   * Throws when two commands have the same name.
   */
  constructor(commands: Iterable<Command>, features: ReadonlySet<Feature>) {
    for (const command of commands) {
      const name = nameOf(command);
      if (this.find(name) !== undefined) {
        throw new Error(`Cannot add a second command named "${name}"`);
      }
      const needs = command.needs ?? [];
      const isEnabled = needs.every((need) => isCheckedLater(need) || features.has(need));
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

/** Returns whether a need is checked at each request; the configuration decides the others. */
function isCheckedLater(need: Need): need is Exclude<Need, Feature> {
  return need === "(m)" || need === "(M)" || need === "hello" || need === "admin";
}

/** Returns the first word of the usage line. */
export function nameOf(command: Command): string {
  return command.usage.split(" ", 1)[0]!;
}
