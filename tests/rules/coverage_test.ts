/** Every command appears in a dialogue and says what it does; of Looky's, every form in every way. */
import { commands as extendedCommands } from "../../lib/commands/extended/mod.ts";
import { commands as glockdCommands } from "../../lib/commands/glockd/mod.ts";
import { lookyCommands } from "../../lib/commands/looky/mod.ts";
import { CommandTable, nameOf } from "../../lib/dispatch/command_table.ts";
import type { Protocol } from "../../lib/server/services.ts";
import { readHead, readRequest } from "../../lib/wire/looky.ts";
import { readDialogues } from "../support/transcript.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

/** The index of the original Looky document, in the order of its numbers: name and arguments. */
const NUMBERED_FORMS = [
  "consume 2, release 2, clear 1, clear 0, free 2, free 1", // #0 to #5
  "set-resource 3, set-resource 2, drop-resource 2, drop-resource 1", // #6 to #9
  "couple 1, decouple 1, freeze 2, unfreeze 2", // #10 to #13
  "set-used 3, set-used 2, set-ratio 3, set-ratio 2", // #14 to #17
  "list-pool 0, list-resource 0, print-pool 1, print-pool 0", // #18 to #21
  "print-resource 2, print-resource 1, print-consumer 2, print-consumer 1", // #22 to #25
  "halt 0, exit 0, status 0, save 0, help 0", // #26 to #30
  "lock 2, lock 1, unlock 2, unlock 1, master 0", // #31 to #35
  "set-seed 2, set-seed 1, set-mode 2, set-mode 1", // #36 to #39
].flatMap((line) => line.split(", "));
const FORMS = [...NUMBERED_FORMS, "add-pool 1", "drop-pool 1", "set-latency 2", "set-latency 1"];
/** Those that the document marks (!), and status. */
const NATIVE = /^(list|print|status)/;
/** Those that the tables of the specification mark (m) and (M). */
const GUARDED = /^(set-(resource|used|ratio|latency)|drop|add|(de)?couple|(un)?(freeze|lock))/;
/** Those that name nothing, nothing that must exist, or nothing but what `release` ignores. */
const KNOWING = new RegExp(
  "^(release|list|halt|exit|status|save|help|master|add|" +
    "clear 0|free 1|print-pool 0|set-resource 2|set-(seed|mode|latency) 1)",
);

interface Exchange {
  readonly said: string;
  /** The line that follows, if the next thing to happen is a reply. */
  readonly reply: string;
}

function* exchanges(protocol: Protocol | "extended"): Iterable<Exchange> {
  const folder = new URL(`../transcripts/${protocol}/`, import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    const dialogues = readDialogues(name, Deno.readTextFileSync(new URL(name, folder)));
    for (const { steps } of dialogues) {
      for (const [i, step] of steps.entries()) {
        const next = steps[i + 1];
        const reply = next?.kind === "expect" ? next.text : "";
        if (step.kind === "send") yield { said: step.text, reply };
      }
    }
  }
}

/** What is asked and answered: "set-seed 2 200", "!list-pool 0 202", "lock 1 403". */
const outcomes = new Set<string>();
for (const { said, reply } of exchanges("looky")) {
  const request = readRequest(said);
  const head = readHead(reply);
  if (request === undefined || head === undefined) continue;
  const { verb, words, native } = request;
  outcomes.add(`${native ? "!" : ""}${verb} ${words.length} ${head.code}`);
}

function missing(wanted: readonly string[]): string[] {
  return wanted.filter((outcome) => !outcomes.has(outcome));
}

Deno.test("every command appears in a dialogue", () => {
  const glockd = new Set([...exchanges("glockd")].map(({ said }) => said.trim().split(" ")[0]!));
  assertEquals(glockdCommands.map(nameOf).filter((name) => !glockd.has(name)), []);
  const extended = new Set([...exchanges("extended")].map(({ said }) => said.split(" ")[0]!));
  assertEquals(extendedCommands.map(nameOf).filter((name) => !extended.has(name)), []);
  const looky = new Set([...outcomes].map((outcome) => outcome.split(" ")[0]!));
  assertEquals(lookyCommands().map(nameOf).filter((name) => !looky.has(name)), []);
});

Deno.test("Looky's commands are those of the document and the additions", () => {
  assertEquals(NUMBERED_FORMS.length, 40);
  const names = new Set(FORMS.map((form) => form.split(" ")[0]!));
  assertEquals(lookyCommands().map(nameOf).toSorted(), [...names].toSorted());
});

Deno.test("every Looky form is accepted in a dialogue", () => {
  const isAccepted = (form: string) => outcomes.has(`${form} 200`) || outcomes.has(`${form} 201`);
  assertEquals(FORMS.filter((form) => !isAccepted(form)), []);
});

Deno.test('every Looky form is accepted or refused with "!" in a dialogue', () => {
  const natives = FORMS.filter((form) => NATIVE.test(form));
  assertEquals(missing(natives.map((form) => `!${form} 202`)), []);
  const refused = new Set(
    [...outcomes].filter((it) => it.endsWith(" 400")).map((it) => it.split(" ")[0]!),
  );
  const others = FORMS.filter((form) => !NATIVE.test(form)).map((form) => form.split(" ")[0]!);
  assertEquals(others.filter((name) => !refused.has(`!${name}`)), []);
});

Deno.test("every Looky command is refused one argument too few and too many in a dialogue", () => {
  const counts = Map.groupBy(FORMS, (form) => form.split(" ")[0]!);
  const wrong = [...counts].flatMap(([name, forms]) => {
    const numbers = forms.map((form) => Number(form.split(" ")[1]));
    return [Math.min(...numbers) - 1, Math.max(...numbers) + 1]
      .filter((count) => count >= 0)
      .map((count) => `${name} ${count} 400`);
  });
  assertEquals(missing(wrong), []);
});

Deno.test("every Looky form of the master is refused to others in a dialogue", () => {
  assertEquals(
    missing(FORMS.filter((form) => GUARDED.test(form)).map((form) => `${form} 403`)),
    [],
  );
});

Deno.test("every Looky form is refused unknown names in a dialogue", () => {
  assertEquals(
    missing(FORMS.filter((form) => !KNOWING.test(form)).map((form) => `${form} 404`)),
    [],
  );
});

Deno.test("every command has a summary, a sentence", () => {
  for (const { usage, summary } of [...glockdCommands, ...extendedCommands, ...lookyCommands()]) {
    assert(/^[A-Z].*\.$/.test(summary), usage);
  }
});

Deno.test("Table refuses two commands of one name", () => {
  const twice = [...glockdCommands, glockdCommands[0]!];
  assertThrows(() => new CommandTable(twice, new Set()), Error, 'named "g"');
});
