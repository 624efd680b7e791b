/** The program's own source files, for tests that hold rules about them. */

export interface Source {
  /** Below lib/, with slashes: "wire/lines.ts". */
  readonly path: string;
  readonly text: string;
  /** What it imports, below lib/; packages and data files as they are written. */
  readonly imports: readonly string[];
  /** Those of them of which more than types are used. */
  readonly values: readonly string[];
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
  const found = [...text.matchAll(/^(?:import|export)\s(?:([^;"]*?)\sfrom\s)?"([^"]+)"/gm)];
  const resolve = (target: string) => {
    if (!target.startsWith(".")) return target;
    const resolved = new URL(target, url).href;
    return resolved.startsWith(root.href) ? resolved.slice(root.href.length) : target;
  };
  const imports = found.map(([, , target]) => resolve(target!));
  const values = imports.filter((_, i) => !isTypesOnly(found[i]![1] ?? ""));
  return { path, text, imports, values };
}

/** Whether `type { A }` or `{ type A, type B }` is imported. */
function isTypesOnly(names: string): boolean {
  if (names.startsWith("type ")) return true;
  const members = /^\{([^}]*)\}$/s.exec(names)?.[1]?.split(",") ?? [""];
  return members.map((member) => member.trim()).filter((m) => m !== "").every((m) =>
    m.startsWith("type ")
  ) &&
    names !== "";
}
