/** Options that may be Infinity, for which JSON has no sign. */
const ENDLESS: readonly string[] = ['patience', 'clipNorm'];

/** Options as JSON, of which `optionsFromJson` makes the same ones. */
export function optionsToJson(options: unknown, indent?: number): string {
  return JSON.stringify(options, (_, value) => (value === Infinity ? 'Infinity' : value), indent);
}

/** What `optionsToJson` wrote. */
export function optionsFromJson(json: string): unknown {
  return JSON.parse(json, (name, value) => (ENDLESS.includes(name) && value === 'Infinity' ? Infinity : value));
}
