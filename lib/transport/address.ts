/** Socket addresses as text. */

/** Returns the IP address of a machine; an IPv4 address that came over IPv6 is written as IPv4. */
export function hostText({ hostname }: Deno.NetAddr): string {
  return hostname.replace(/^::ffff:(?=\d+\.)/, "");
}

/** Returns "host:port", with an IPv6 host in brackets. */
export function addressText(address: Deno.NetAddr): string {
  const host = hostText(address);
  return host.includes(":") ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}
