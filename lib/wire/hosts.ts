/** What the text of an IP address tells. Pure. */

/** Whether the address can only be this machine's own. */
export function isLoopback(host: string): boolean {
  return host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
