/** The client suite in Chromium, over WebSocket, with the npm package as a page loads it. */
import { runSuiteIn } from "../support/client_runtimes.ts";

const FLAGS = ["--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu"];

await runSuiteIn({
  label: "Chromium",
  programs: ["chromium", "chromium-browser", "google-chrome"],
  probe: [["--version"], /\d/],
  transports: ["ws"],
  async prepare(folder, fixtures): Promise<string[]> {
    await Deno.writeTextFile(
      `${folder}/index.html`,
      `<!doctype html><meta charset="utf-8"><title>Holdfast's client</title>
       <script type="importmap">{"imports": {"@holdfast/client": "/npm/client/mod.js"}}</script>
       <script type="module">
         import * as api from "@holdfast/client";
         import { runAll } from "/suite/runner.js";
         await runAll(api, location.href);
       </script>`,
    );
    return [...FLAGS, `--user-data-dir=${folder}/profile`, fixtures];
  },
});
