import { parseWithLongIntegers } from '../json-rows.js';

/** The ids of a list: a JSON array, or ids separated by white space. */
export function readItemList(text: string): string[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (trimmed.startsWith('[')) {
    try {
      return (parseWithLongIntegers(trimmed) as unknown[]).map(String);
    } catch {} // ids may begin with a bracket
  }
  return trimmed.split(/\s+/);
}
