import type { z } from 'zod';

/** A record that was read back: what it holds, or what is wrong with it. */
export type ReadRecord<T> =
  | { readonly record: T; readonly problem?: undefined }
  | { readonly record?: undefined; readonly problem: string };

export interface RecordReading {
  /** What stands under `format` in records of this kind and version. */
  readonly format?: string;
  /** See JSON.parse. */
  readonly revive?: (name: string, value: unknown) => unknown;
}

/** Reads a JSON text back as its schema says. */
export function parseRecord<T>(
  text: string,
  schema: z.ZodType<T>,
  { format, revive }: RecordReading = {},
): ReadRecord<T> {
  let value: unknown;
  try {
    value = JSON.parse(text, revive);
  } catch (cause) {
    return { problem: `it is not JSON (${cause instanceof Error ? cause.message : cause})` };
  }
  if (format === undefined) return checkRecord(value, schema);
  const found = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (found === format) return checkRecord(value, schema);
  if (typeof found === 'string') return { problem: `its format is '${found}', and this version reads '${format}'` };
  return { problem: `it does not say that it has the format '${format}'` };
}

/** Checks what was read against its schema. */
export function checkRecord<T>(value: unknown, schema: z.ZodType<T>): ReadRecord<T> {
  const result = schema.safeParse(value);
  if (result.success) return { record: result.data };
  const { path, message } = result.error.issues[0]!;
  return { problem: path.length === 0 ? message : `'${path.join('.')}' is wrong: ${message}` };
}
