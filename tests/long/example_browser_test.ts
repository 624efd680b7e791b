/** examples/browser-tab.html in two tabs of Chromium: one edits, the other waits until it closes. */
import { connect } from "../../lib/client/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { Browser, findBrowser, type Tab } from "../support/browser.ts";
import { untilLock, urlOf } from "../support/cli.ts";
import { Folder } from "../support/folder.ts";
import { startInner } from "../support/server.ts";

const root = new URL("../../", import.meta.url);
const program = findBrowser();
const isLeftOut = program === undefined && Deno.env.get("CI") !== "true";

/** Builds the package that the page imports. */
async function buildClient(folder: string): Promise<void> {
  const args = ["run", "--no-prompt", "-A", "--config", "tools/deno.json", "tools/build_npm.ts"];
  const command = new Deno.Command(Deno.execPath(), { args: [...args, folder], cwd: root });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Serves the page and, as builds/npm, the package in `folder`. */
function serveFiles(folder: string): { readonly url: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (it) => {
    const { pathname } = new URL(it.url);
    const isPackage = pathname.startsWith("/builds/npm/");
    const path = isPackage
      ? pathname.replace("/builds/npm", folder)
      : `${root.pathname}${pathname}`;
    const type = pathname.endsWith(".html") ? "text/html" : "text/javascript";
    if (!/\.(html|js)$/.test(pathname)) return new Response("", { status: 404 });
    return new Response(await Deno.readFile(path), { headers: { "content-type": type } });
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}

function isEditing(tab: Tab): Promise<unknown> {
  return tab.evaluate("!document.getElementById('note').disabled");
}

Deno.test("browser-tab.html lets one tab edit, and the next one when it closes", {
  ignore: isLeftOut,
}, async () => {
  if (program === undefined) throw new Error("there is no Chromium on this machine");
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  using folder = new Folder();
  await buildClient(`${folder.path}/npm/`);
  await using files = serveFiles(`${folder.path}/npm`);
  await using browser = await Browser.start(program, folder.path);
  const open = (name: string) => {
    const at = encodeURIComponent(`ws://127.0.0.1:${server.ws.port}/`);
    return browser.open(`${files.url}examples/browser-tab.html?server=${at}&name=${name}`);
  };

  const first = await open("alice");
  await first.shows("status", "You are editing as alice.");
  assertEquals(await isEditing(first), true);
  const second = await open("bob");
  await second.shows("status", "alice is editing. Waiting ...");
  assertEquals(await isEditing(second), false);
  const info = await untilLock(client, "note/42", (info) => info?.queue.length === 1);
  assertEquals([info?.holders[0]?.name, info?.queue[0]?.name], ["alice", "bob"]);

  await first.close();
  await second.shows("status", "You are editing as bob.");
  assertEquals(await isEditing(second), true);

  await client.force("note/42", "maintenance"); // the page takes the lock again
  const again = await untilLock(client, "note/42", (info) => info?.holders[0]?.name === "bob");
  assertEquals(again?.queue, []);
  await second.close();
  await untilLock(client, "note/42", (info) => info === undefined);
});
