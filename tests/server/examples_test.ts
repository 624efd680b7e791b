/** The example configurations say what they seem to say: every file is read, and every key means something. */
import { loadConf } from "../../lib/server/conf_file.ts";
import { assert, assertEquals } from "../support/assert.ts";

const folder = new URL("../../examples/", import.meta.url);

for (const { name } of Deno.readDirSync(folder)) {
  Deno.test(`examples/${name} is read without a warning`, () => {
    const { unknownKeys, pools } = loadConf(new URL(name, folder).pathname)!;
    assertEquals(unknownKeys, []);
    assert(pools.outline.pools.length > 0);
  });
}
