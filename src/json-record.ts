import type { z } from 'zod';

/** A record that was read back: what it holds, or what is wrong with it. */
export type ReadRecord<T> = { readonly record: T; readonly problem?: undefined } | { readonly problem: string };

/** Reads a JSON text back as its schema says. @param revive see JSON.parse */
export function parseRecord<T>(
  text: string,
  schema: z.ZodType<T>,
  revive?: (name: string, value: unknown) => unknown,
): ReadRecord<T> {
  let value: unknown;
  try {
    value = JSON.parse(text, revive);
  } catch (cause) {
    return { problem: `it is not JSON (${cause instanceof Error ? cause.message : cause})` };
  }
  return checkRecord(value, schema);
}

/** Checks what was read against its schema. */
export function checkRecord<T>(value: unknown, schema: z.ZodType<T>): ReadRecord<T> {
  const result = schema.safeParse(value);
  if (result.success) return { record: result.data };
  const { path, message } = result.error.issues[0]!;
  return { problem: path.length === 0 ? message : `'${path.join('.')}' is wrong: ${message}` };
}
