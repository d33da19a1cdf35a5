/** A PostgreSQL connection string, a URI or `name=value` pairs, of which a password is left out. */
export function withoutPassword(connection: string): string {
  return connection
    .replace(/^(\w+:\/\/[^:@/]*):[^/?]*@/, '$1@')
    .replace(/([?&])(?:ssl)?password=[^&]*&?/gi, '$1')
    .replace(/\b(?:ssl)?password\s*=\s*('(?:\\.|[^'\\])*'|\S+)\s*/gi, '');
}

export const isPostgresUrl = (text: string): boolean => /^postgres(?:ql)?:\/\//.test(text);

/** `name=value` pairs (libpq, "Keyword/Value Connection Strings") as the URI that says the same; a URI as it is. */
export function asUrl(connection: string): string {
  if (isPostgresUrl(connection)) return connection;
  const pairs = new Map<string, string>();
  for (const [, name, value] of connection.matchAll(/(\w+)\s*=\s*('(?:\\.|[^'\\])*'|\S+)/g)) {
    pairs.set(name!.toLowerCase(), value!.startsWith("'") ? value!.slice(1, -1).replace(/\\(.)/g, '$1') : value!);
  }
  const { dbname = '', ...rest } = Object.fromEntries(pairs);
  return `postgres:///${encodeURIComponent(dbname)}?${new URLSearchParams(rest)}`;
}
