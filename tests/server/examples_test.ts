/** The example configurations: every file can be read, and every key is known. */
import { loadConf } from "../../lib/server/conf_file.ts";
import { assert, assertEquals } from "../support/assert.ts";

const folder = new URL("../../examples/", import.meta.url);

const files = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".conf"));
for (const { name } of files) {
  Deno.test(`examples/${name} is read without a warning`, () => {
    const { unknownKeys, pools } = loadConf(new URL(name, folder).pathname)!;
    assertEquals(unknownKeys, []);
    assert(pools.configuration.pools.length > 0);
  });
}
