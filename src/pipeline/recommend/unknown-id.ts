import { SoftpromptError } from '../../errors.js';

/** RECOMMEND_REQUEST. @param example an id that is known */
export function unknownId(of: 'user' | 'item', id: string, example: string | undefined): SoftpromptError {
  return new SoftpromptError('RECOMMEND_REQUEST', {
    found: `The ${of} '${id}' is not known`,
    expected: `the id of ${of === 'item' ? 'an item' : 'a user'} that is known from the data, such as '${example}'`,
    fix:
      of === 'user'
        ? 'Correct the id, or give the history of a new user.'
        : 'Correct the id, leave the item out, or allow unknown items to be skipped where that is possible.',
  });
}
