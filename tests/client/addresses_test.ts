/** Addresses that connect() accepts: strings as they are written, and URL objects with escapes. */
import { connect, RequestError } from "../../lib/client/mod.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { Folder } from "../support/folder.ts";
import { startInner } from "../support/server.ts";

Deno.test("connect() takes the path of a string as it is written, and unescapes that of a URL", async () => {
  using folder = new Folder();
  for (const name of ["s.sock", "a b%zz?c#d.sock", "50%25.sock", "ü.sock"]) {
    const path = `${folder.path}/${name}`;
    await using _server = await startInner([`-unix=${path}`]);
    const url = new URL(`unix:${path.split("/").map(encodeURIComponent).join("/")}`);
    for (const address of [`unix:${path}`, `unix://${path}`, url]) {
      await using client = await connect(address);
      assertEquals((await client.list()).length, 0, String(address));
    }
  }
});

Deno.test("connect() rejects what is not an address", async () => {
  const wrong = ["", "unix:", "tcp:", "tcp://", "http://127.0.0.1/", "127.0.0.1:9999", "tcp://a:b"];
  for (const address of wrong) {
    await assertRejects(() => connect(address), RequestError, "not an address");
  }
});
