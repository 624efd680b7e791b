/** The client suite in a browser, over WebSocket, with the package as a page loads it. */
import { testIn } from "../support/client_runs.ts";

const FLAGS = ["--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu"];

await testIn({
  label: "Chromium",
  programs: ["chromium", "chromium-browser", "google-chrome"],
  probe: [["--version"], /\d/],
  kinds: ["ws"],
  async prepare(folder, stage): Promise<string[]> {
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
    return [...FLAGS, `--user-data-dir=${folder}/profile`, stage];
  },
});
