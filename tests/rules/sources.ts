/** The program's own source files, for tests that hold rules about them. */

export interface Source {
  /** Below lib/, with slashes: "wire/lines.ts". */
  readonly path: string;
  readonly text: string;
  /** What it imports, below lib/; packages and data files as they are written. */
  readonly imports: readonly string[];
}

const root = new URL("../../lib/", import.meta.url);

export const sources: readonly Source[] = [...walk("")];

function* walk(folder: string): Iterable<Source> {
  for (const entry of Deno.readDirSync(new URL(folder, root))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* walk(`${path}/`);
    else if (path.endsWith(".ts")) yield source(path);
  }
}

function source(path: string): Source {
  const url = new URL(path, root);
  const text = Deno.readTextFileSync(url);
  const targets = text.matchAll(/^(?:import|export)\s(?:[^;"]*?\sfrom\s)?"([^"]+)"/gm);
  const imports = [...targets].map(([, target]) => {
    if (!target!.startsWith(".")) return target!;
    const resolved = new URL(target!, url).href;
    return resolved.startsWith(root.href) ? resolved.slice(root.href.length) : target!;
  });
  return { path, text, imports };
}
