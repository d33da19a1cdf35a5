import { SoftpromptError } from '../errors.js';

/** RECOMMEND_REQUEST. @param known the ids that are known */
export function unknownId(
  of: 'user' | 'item',
  id: string,
  known: readonly string[],
  wanted: 'asked' | 'forgotten' = 'asked',
): SoftpromptError {
  const alike = known.find((other) => plainId(other) === plainId(id));
  const shown = alike ?? known[0];
  return new SoftpromptError('RECOMMEND_REQUEST', {
    found: `The ${of} '${id}' is not known`,
    expected: `the id of ${of === 'item' ? 'an item' : 'a user'} that is known from the data${shown === undefined ? '; this folder keeps nobody' : `, such as '${shown}'`}`,
    fix:
      wanted === 'forgotten'
        ? 'Correct the id, or have unknown ones left out (--skip-unknown).'
        : of === 'user'
          ? 'Correct the id, or give the history of a new user (--history, or --interactions with what he did).'
          : `Correct the id (one with a comma or spaces around it is given as JSON: '${JSON.stringify([alike ?? 'a, b'])}'), leave the item out, or have unknown items skipped (--skip-unknown) where that is possible.`,
  });
}

/** What ids are alike by that are written in different ways. */
function plainId(id: string): string {
  return id.trim().normalize('NFC').toLowerCase().replace(/\.0+$/, '');
}
