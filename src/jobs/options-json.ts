import type { z } from 'zod';
import { parseRecord, type ReadRecord, type RecordReading } from '../files/json-record.js';

/** Options that may be Infinity, for which JSON has no sign. */
const ENDLESS: readonly string[] = ['patience', 'clipNorm'];

/** Options as JSON, of which `optionsFromJson` makes the same ones. */
export function optionsToJson(options: unknown, indent?: number): string {
  return JSON.stringify(options, (_, value) => (value === Infinity ? 'Infinity' : value), indent);
}

/** Reads what `optionsToJson` wrote, as its schema says. */
export function optionsFromJson<T>(
  json: string,
  schema: z.ZodType<T>,
  { format }: Pick<RecordReading, 'format'> = {},
): ReadRecord<T> {
  const revive = (name: string, value: unknown) => (ENDLESS.includes(name) && value === 'Infinity' ? Infinity : value);
  return parseRecord(json, schema, { ...(format !== undefined && { format }), revive });
}
