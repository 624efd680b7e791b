/** The server drops the permissions that only the other subcommands need. */
import { assertEquals } from "../support/assert.ts";

const PROGRAM = `
const { run } = await import(Deno.args[0]);
const states = () => ["run", "env", "sys", "net"].map((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);
const before = states();
run(["-port=0", "-ws=0", "-looky=0"]);
while (states()[0]) await new Promise((resolve) => setTimeout(resolve, 10));
console.error(JSON.stringify([before, states()]));
Deno.exit(0);
`;

Deno.test("serve drops the permissions to run programs, read the environment and query the system", async () => {
  const root = new URL("../../", import.meta.url);
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", PROGRAM, new URL("lib/cli/mod.ts", root).href],
    cwd: root.pathname, // where deno.json is
    stdout: "null",
    stderr: "piped",
  }).output();
  const [before, after] = JSON.parse(new TextDecoder().decode(stderr)) as boolean[][];
  assertEquals(before, [true, true, true, true]);
  assertEquals(after, [false, false, false, true]);
});
