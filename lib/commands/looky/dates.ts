/** Moments as the Looky protocol shows them: in the server's time zone, to the second. */

/** The last one worded: those that follow are mostly of the same second. */
const last = { seconds: NaN, text: "" };

/** "2003-04-18 / 11:20:26" of whole seconds since 1970. */
export function dateText(seconds: number): string {
  if (seconds === last.seconds) return last.text;
  const date = new Date(seconds * 1000);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  last.seconds = seconds;
  last.text = `${day} / ${time}`;
  return last.text;
}
