import { z } from 'zod';
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

/** The schema of options that are kept in a file. None can be forgotten; those it does not know are left out. */
export function optionsSchema<Options>(
  fields: {
    readonly [Name in keyof Required<Options>]: z.ZodType<Options[Name]>;
  },
): z.ZodType<Options> {
  return z.object(fields) as unknown as z.ZodType<Options>;
}

/** Schemas of kinds of options; what a number may be is checked where it is used. */
export const text = z.string();
export const maybeText = z.string().optional();
export const maybeTexts = z.array(z.string()).optional();
export const maybeNumber = z.number().optional();
/** A number that may be Infinity. */
export const maybeEndless = z.union([z.number(), z.literal(Number.POSITIVE_INFINITY)]).optional();
export const maybeFlag = z.boolean().optional();

/** How a table is read: an object, whose fields its reader checks. */
export function maybeObject<T extends object>(): z.ZodType<T | undefined> {
  return z.looseObject({}).optional() as unknown as z.ZodType<T | undefined>;
}
