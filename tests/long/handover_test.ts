/** The benchmark scenario `handover` in its short form, kill -9 included. Linux only; needs bash. */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const MAIN = new URL("../../bench/main.ts", import.meta.url).pathname;

Deno.test("bench:run handover --quick measures every departure and both costs", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-all", MAIN, "handover", "--quick", "--out", folder],
      stdout: "null",
      stderr: "inherit",
    }).output();
    assert(success);
    const page = await Deno.readTextFile(`${folder}/handover.md`);
    for (const departure of ["closed", "reset", "killed"]) {
      assertStringIncludes(page, ` is ${departure}`);
    }
    assertEquals(/–|NaN/.test(page), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
