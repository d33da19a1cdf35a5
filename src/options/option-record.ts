import { z } from 'zod';
import type { JsonSchema } from './kind.js';
import { type Given, isGroup, type Option, type Options } from './option.js';

/**
 * The schema of options as files keep them. It asks for the type of each and not for its range, which is checked where a
 * plan is made: records of earlier versions stay readable. What it does not know is left out.
 */
export function optionsRecord<S extends Options>(options: S): z.ZodType<Given<S>> {
  return recordOf(options) as unknown as z.ZodType<Given<S>>;
}

function recordOf(options: Options): z.ZodType {
  return z.object(
    Object.fromEntries(
      Object.entries(options).map(([name, option]) => {
        if (isGroup(option)) return [name, recordOf(option.options).optional()];
        const schema = typeOf(option);
        return [name, option.required === undefined ? schema.optional() : schema];
      }),
    ),
  );
}

/** As `optionsToJson` writes Infinity, for which JSON has no sign. */
const ENDLESS = z.literal('Infinity').transform(() => Number.POSITIVE_INFINITY);

function typeOf({ kind }: Option): z.ZodType {
  const schema = typeOfJson(kind.json);
  return kind.endless ? z.union([schema, z.literal(Number.POSITIVE_INFINITY), ENDLESS]) : schema;
}

function typeOfJson(schema: JsonSchema): z.ZodType {
  if (Array.isArray(schema.enum)) return z.enum(schema.enum as string[]);
  if (Array.isArray(schema.anyOf)) return z.union((schema.anyOf as JsonSchema[]).map(typeOfJson));
  if (schema.const !== undefined) return z.literal(schema.const as string);
  switch (schema.type) {
    case 'integer':
    case 'number':
      return z.number();
    case 'boolean':
      return z.boolean();
    case 'array':
      return z.array(typeOfJson(schema.items as JsonSchema));
    case 'object':
      return objectOf(schema);
    default:
      return z.string();
  }
}

function objectOf({ properties, additionalProperties, required = [] }: JsonSchema): z.ZodType {
  if (additionalProperties !== undefined) return z.record(z.string(), typeOfJson(additionalProperties as JsonSchema));
  if (properties === undefined) return z.looseObject({});
  const fields = Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => {
    const type = typeOfJson(schema);
    return [name, (required as string[]).includes(name) ? type : type.optional()];
  });
  return z.object(Object.fromEntries(fields));
}
