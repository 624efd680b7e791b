/** Text that outlives the line from which it was cut. */

/**
 * Returns an equal string with memory of its own. A substring, such as a word of a line, otherwise
 * keeps the whole line in memory for as long as the substring lives.
 */
export function detached(text: string): string {
  return ` ${text}`.slice(1);
}
