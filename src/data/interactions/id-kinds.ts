import { type Kind, list, text } from '../../options/kind.js';
import { listedIds } from './read-ids.js';

/** `a,b,c`, with double quotes around an id that holds a comma; or a list of JSON. */
export const listOfIds: Kind<readonly string[]> = list(
  '<a,b,c>',
  'ids separated by commas, or a JSON list',
  text(''),
  listedIds,
);

/** Ids as a command line names them: a file of ids, or the ids themselves. See readOrListedIds. */
export const fileOfIds: Kind<string> = text('<ids>', 'a file of ids, a,b,c or a JSON list');
