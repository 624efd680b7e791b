/** Files of one test. Text has one character a byte. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";

/** A folder for one test. */
export class Folder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "holdfast-" }));

  /** Writes a file, makes a name for it at least. */
  put(name: string, text: string): string {
    const path = `${this.path}/${name}`;
    Deno.writeFileSync(path, bytesOf(text));
    return path;
  }

  /** What is in the folder. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

export function read(path: string): string {
  return textOf(Deno.readFileSync(path));
}
