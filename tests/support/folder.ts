/** Files of one test. Text has one character per byte. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";

/** A temporary folder, removed at the end of the test. */
export class Folder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "holdfast-" }));

  /** Writes a file and returns its path. */
  put(name: string, text: string): string {
    const path = `${this.path}/${name}`;
    Deno.writeFileSync(path, bytesOf(text));
    return path;
  }

  /** Returns the names of the files in the folder, sorted. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Returns the content of a file. */
export function read(path: string): string {
  return textOf(Deno.readFileSync(path));
}
