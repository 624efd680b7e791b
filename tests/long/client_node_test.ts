/** The client suite under Node, with the package as npm would have it. */
import { testIn } from "../support/client_runs.ts";

await testIn({
  label: "Node",
  programs: ["node"],
  // Where there is no Node, Deno puts itself in its place.
  probe: [["-p", "typeof Deno"], /^undefined/],
  kinds: ["tcp", "unix"],
  async prepare(folder, stage): Promise<string[]> {
    await Deno.mkdir(`${folder}/node_modules/@holdfast`, { recursive: true });
    await Deno.symlink(`${folder}/npm`, `${folder}/node_modules/@holdfast/client`);
    await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }\n');
    await Deno.writeTextFile(
      `${folder}/run.js`,
      `import * as api from "@holdfast/client";
       import { runAll } from "./suite/runner.js";
       await runAll(api, ${JSON.stringify(stage)});`,
    );
    return [`${folder}/run.js`];
  },
});
