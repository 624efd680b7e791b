/** Dates as the Looky protocol shows them: in the server's time zone, to the second. */

/** Returns "2003-04-18 / 11:20:26" for whole seconds since 1970. */
export function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day} / ${time}`;
}

/**
 * Returns `format` with a cache of its last result. Successive times usually fall into the same
 * second, and formatting a date takes some 400 ns.
 */
export function cacheLastSecond(format: (seconds: number) => string): (seconds: number) => string {
  let [lastSeconds, lastText] = [NaN, ""];
  return (seconds) => {
    if (seconds !== lastSeconds) {
      lastText = format(seconds);
      lastSeconds = seconds;
    }
    return lastText;
  };
}
