import { SoftpromptError } from '../errors.js';

/** `gender=F,age=31` → {gender: 'F', age: '31'}. @throws RECOMMEND_REQUEST */
export function parseUserAttributes(texts: readonly string[]): Record<string, string> {
  const parts = (texts.at(-1) ?? '').split(',').map((part) => part.split('='));
  const odd = parts.find(([name, ...value]) => name === '' || value.length !== 1);
  if (odd === undefined) return Object.fromEntries(parts);
  throw new SoftpromptError('RECOMMEND_REQUEST', {
    found: `The user attribute '${odd.join('=')}'`,
    expected: 'a column and a value, such as gender=F, separated by commas',
    fix: 'Write, for example, --user-attributes gender=F,age=31.',
  });
}
