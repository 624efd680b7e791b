/**
 * A thousand times `holdfast run counter -- increment`, each a process of its own: the file says
 * 1000 and no two steps overlapped. 40 are there at a time: each is a runtime of some 50 MB.
 * Against the source, or `-- --server=builds/.../holdfast` for the executable.
 */
import { assertEquals } from "../support/assert.ts";
import { Cli, cliCommand, urlOf } from "../support/cli.ts";
import { startProgram } from "../support/server.ts";

const RUNS = 1000;
const AT_A_TIME = 40;

/** Reads, adds, writes, in steps that would be lost or seen if two did it at once. */
const INCREMENT = `#!/bin/sh
mkdir inside || echo "$$" >>overlaps
read -r count <counter
count=$((count + 1))
echo "$count" >counter.new
mv counter.new counter
echo "$HOLDFAST_TOKEN $HOLDFAST_PREVIOUS" >>grants
rmdir inside
`;

Deno.test("a thousand processes increment one file, and none at the time of another", async () => {
  await using server = await startProgram(cliCommand());
  const cwd = server.folder;
  await Deno.writeTextFile(`${cwd}/increment`, INCREMENT, { mode: 0o755 });
  await Deno.writeTextFile(`${cwd}/counter`, "0\n");
  const url = urlOf(server.tcp);
  let left = RUNS;
  const work = async () => {
    while (left-- > 0) {
      const args = ["run", "--wait", "forever", "--url", url, "counter", "--", "./increment"];
      const { code, stderr } = await new Cli(args, { cwd }).ended;
      assertEquals([code, stderr], [0, ""]);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
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
