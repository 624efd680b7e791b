/** docs/client.md: its code type-checks and runs, and its table of errors is complete. */
import * as api from "../../lib/client/mod.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";
import { startInner } from "../support/server.ts";

const page = await Deno.readTextFile(new URL("../../docs/client.md", import.meta.url));

/** Far longer than a type check and a run take on a busy machine. */
const TIMEOUT_MS = 120_000;

/** What the code of the page calls, and locks for it to list and watch. */
const PRELUDE = `
import { connect as connectOther } from "@holdfast/client";
const deploy = async (_options: { token: number; signal: AbortSignal }): Promise<void> => {};
const work = (_signal: AbortSignal): Promise<string> => Promise.resolve("done");
const other = await connectOther("tcp://127.0.0.1:9999");
const churn = (async () => {
  for (;;) await (await other.acquire("build/1")).release();
})().catch(() => {});
`;
const EPILOGUE = `
await other.close();
await churn;
`;

Deno.test("the code in docs/client.md type-checks and runs", async () => {
  await using server = await startInner();
  using folder = new Folder();
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code);
  const program = [PRELUDE, ...blocks, EPILOGUE].join("\n")
    .replaceAll("@holdfast/client", new URL("../../lib/client/mod.ts", import.meta.url).href)
    .replaceAll("127.0.0.1:9999", `127.0.0.1:${server.tcp.port}`)
    .replaceAll("127.0.0.1:4040", `127.0.0.1:${server.looky.port}`);
  const path = `${folder.path}/page.ts`;
  await Deno.writeTextFile(path, program);
  const args = ["run", "--no-prompt", "--no-config", "--no-lock", "--check", "--allow-net", path];
  const signal = AbortSignal.timeout(TIMEOUT_MS); // fails instead of hanging
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, signal })
    .output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertStringIncludes(new TextDecoder().decode(stdout), "reading report\npixel ");
});

Deno.test("docs/client.md lists every error class, with its code", () => {
  const names = Object.keys(api).filter((name) => /.Error$/.test(name) && name !== "HoldfastError");
  assertEquals(names.filter((name) => !new RegExp(`^\\| ${name} +\\| \``, "m").test(page)), []);
});
