/** The source files of the program, for tests of rules about them. */

export interface Source {
  /** The path below lib/, with slashes: "wire/lines.ts". */
  readonly path: string;
  readonly text: string;
  /** Its imports, type imports included: paths below lib/; packages and data files as written. */
  readonly imports: readonly string[];
  /** The imports that are left when the program runs: more than types is imported. */
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
  const named = members.map((member) => member.trim()).filter((member) => member !== "");
  return names !== "" && named.every((member) => member.startsWith("type "));
}
