import { type TokenizerComponent, tokenizerInvalid } from './tokenizer-json.js';

/**
 * The ids of a word by WordPiece (Wu et al. 2016; Devlin et al. 2019): from its beginning, again and again the longest piece
 * that the vocabulary has, pieces within a word marked by a prefix. A word of which a part is in no piece is unknown as a
 * whole, and so is a very long one. Errors: TOKENIZER_INVALID.
 */
export function wordPieceModel(model: TokenizerComponent, source: string): (word: string) => readonly number[] {
  const vocabulary = new Map(Object.entries(model.vocab as Readonly<Record<string, number>>));
  const prefix = typeof model.continuing_subword_prefix === 'string' ? model.continuing_subword_prefix : '##';
  const mostCharacters = typeof model.max_input_chars_per_word === 'number' ? model.max_input_chars_per_word : 100;
  const unknown = vocabulary.get(String(model.unk_token));
  if (unknown === undefined) {
    throw tokenizerInvalid(
      `The unknown token '${model.unk_token}' of ${source} is not in its vocabulary`,
      'one that is',
    );
  }
  const longest = [...vocabulary.keys()].reduce((most, { length }) => Math.max(most, length), 0);
  return (word) => {
    const characters = [...word];
    if (characters.length > mostCharacters) return [unknown];
    const ids: number[] = [];
    for (let start = 0; start < characters.length; ) {
      let end = Math.min(characters.length, start + longest);
      let id: number | undefined;
      for (; end > start; end--) {
        id = vocabulary.get((start > 0 ? prefix : '') + characters.slice(start, end).join(''));
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      ids.push(id);
      start = end;
    }
    return ids;
  };
}
