/**
 * A thousand processes of `holdfast run counter -- increment`: the file ends at 1000, and no two
 * commands overlap. 40 run at a time, since each is a runtime of some 50 MB. Runs the source, or
 * with `-- --server=builds/.../holdfast` the executable.
 */
import { assertEquals } from "../support/assert.ts";
import { Cli, cliCommand, urlOf } from "../support/cli.ts";
import { startProgram } from "../support/server.ts";

const RUNS = 1000;
const CONCURRENT = 40;

/** Reads, adds and writes in steps: two at a time would lose an update, or find "inside". */
const INCREMENT = `#!/bin/sh
mkdir inside || echo "$$" >>overlaps
read -r count <counter
count=$((count + 1))
echo "$count" >counter.new
mv counter.new counter
echo "$HOLDFAST_TOKEN $HOLDFAST_PREVIOUS" >>grants
rmdir inside
`;

Deno.test("a thousand processes increment a file one at a time", async () => {
  await using server = await startProgram(cliCommand());
  const cwd = server.folder;
  await Deno.writeTextFile(`${cwd}/increment`, INCREMENT, { mode: 0o755 });
  await Deno.writeTextFile(`${cwd}/counter`, "0\n");
  const url = urlOf(server.tcp);
  let left = RUNS;
  const worker = async () => {
    while (left-- > 0) {
      const args = ["run", "--wait", "forever", "--url", url, "counter", "--", "./increment"];
      const { code, stderr } = await new Cli(args, { cwd }).ended;
      assertEquals([code, stderr], [0, ""]);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  const files = [...Deno.readDirSync(cwd)].map(({ name }) => name);
  assertEquals(files.filter((name) => name === "overlaps" || name === "inside"), []);
  assertEquals(await Deno.readTextFile(`${cwd}/counter`), `${RUNS}\n`);
  const grants = (await Deno.readTextFile(`${cwd}/grants`)).trimEnd().split("\n")
    .map((line) => line.split(" "));
  assertEquals(grants.length, RUNS);
  const tokens = grants.map(([token]) => Number(token));
  assertEquals(tokens, [...new Set(tokens)].sort((a, b) => a - b), "tokens grow");
  const causes = new Set(grants.map(([, cause]) => cause));
  assertEquals(causes, new Set(["none", "released"]));
});
