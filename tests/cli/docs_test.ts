/** docs/cli.md documents every subcommand, every option of `run`, every exit status. */
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { SUBCOMMANDS } from "../../lib/cli/table.ts";
import { assertEquals } from "../support/assert.ts";

const page = await Deno.readTextFile(new URL("../../docs/cli.md", import.meta.url));

Deno.test("docs/cli.md documents every subcommand and every option of run", () => {
  const names = SUBCOMMANDS.filter(({ name }) => name !== "version").map(({ name }) => name);
  assertEquals(names.filter((name) => !new RegExp(`holdfast \\[?${name}\\b`).test(page)), []);
  const options = SUBCOMMANDS.find(({ name }) => name === "run")?.options ?? [];
  assertEquals(options.filter(({ name }) => !page.includes(`--${name}`)), []);
});

Deno.test("docs/cli.md documents every exit status", () => {
  const statuses = Object.values(EXIT).filter((status) => status > 1);
  assertEquals(statuses.filter((status) => !new RegExp(`\\b${status}\\b`).test(page)), []);
});
