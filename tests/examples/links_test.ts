/** The pages of documentation: links lead somewhere, and the indexes name every page and example. */
import { assert, assertEquals } from "../support/assert.ts";

const root = new URL("../../", import.meta.url);

/** Files below a folder, as paths from the root. */
function* filesIn(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    if (isDirectory) yield* filesIn(`${folder}${name}/`);
    else yield `${folder}${name}`;
  }
}

const pages = ["README.md", "CONTRIBUTING.md", ...filesIn("docs/")]
  .filter((path) => path.endsWith(".md"));

/** The targets of a page's links that stay inside the repository, without code. */
function* linksOf(page: string): Iterable<URL> {
  const text = Deno.readTextFileSync(new URL(page, root)).replace(/^```[\s\S]*?^```/gm, "");
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (!/^[a-z]+:/.test(target!)) yield new URL(target!, new URL(page, root));
  }
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: URL): string[] {
  const headings = Deno.readTextFileSync(page).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
}

function isFound(link: URL): boolean {
  const page = new URL(link);
  page.hash = "";
  try {
    const { isFile } = Deno.statSync(page);
    return link.hash === "" || (isFile && anchorsOf(page).includes(link.hash.slice(1)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("links between pages lead to files and headings that exist", () => {
  const links = pages.flatMap((page) => [...linksOf(page)].map((link) => ({ page, link })));
  assert(links.length > 50);
  const lost = links.filter(({ link }) => !isFound(link));
  assertEquals(lost.map(({ page, link }) => `${page}: ${link.href}`), []);
});

Deno.test("docs/README.md links to every page of docs/", () => {
  const linked = new Set([...linksOf("docs/README.md")].map(({ href }) => href));
  const all = pages.filter((page) => page.startsWith("docs/") && page !== "docs/README.md");
  assertEquals(all.filter((page) => !linked.has(new URL(page, root).href)), []);
});

Deno.test("docs/recipes.md links to every example", () => {
  const linked = new Set([...linksOf("docs/recipes.md")].map(({ href }) => href));
  const all = [...filesIn("examples/")].filter((path) => !path.startsWith("examples/bin/"));
  assertEquals(all.filter((path) => !linked.has(new URL(path, root).href)), []);
});

Deno.test("the README quotes code as it is", () => {
  const text = Deno.readTextFileSync(new URL("README.md", root));
  const blocks = [...text.matchAll(/^```ts\n\/\/ (lib\/\S+)\n([\s\S]*?)^```/gm)];
  assertEquals(blocks.length, 1);
  const [[, path, code]] = blocks as [RegExpExecArray];
  const source = Deno.readTextFileSync(new URL(path!, root));
  const quoted = code!.split("\n").filter((line) => !line.startsWith("//"));
  assertEquals(quoted.filter((line) => !source.includes(line)), []);
});
