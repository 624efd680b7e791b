/** The client suite in Node, with the npm package. */
import { runSuiteIn } from "../support/client_runtimes.ts";

await runSuiteIn({
  label: "Node",
  programs: ["node"],
  // Deno may run as `node` where Node is not installed.
  probe: [["-p", "typeof Deno"], /^undefined/],
  transports: ["tcp", "unix"],
  async prepare(folder, fixtures): Promise<string[]> {
    await Deno.mkdir(`${folder}/node_modules/@holdfast`, { recursive: true });
    await Deno.symlink(`${folder}/npm`, `${folder}/node_modules/@holdfast/client`);
    await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }\n');
    await Deno.writeTextFile(
      `${folder}/run.js`,
      `import * as api from "@holdfast/client";
       import { runAll } from "./suite/runner.js";
       await runAll(api, ${JSON.stringify(fixtures)});`,
    );
    return [`${folder}/run.js`];
  },
});
