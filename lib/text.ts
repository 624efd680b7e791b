/** Text that outlives the line it was cut from. */

/**
 * Returns an equal string with memory of its own. A substring, such as a word of a line, otherwise
 * keeps the whole line in memory for as long as it is kept itself.
 */
export function detached(text: string): string {
  return ` ${text}`.slice(1);
}
