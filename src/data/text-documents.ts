import { SoftpromptError } from '../errors.js';
import { LONGEST_TEXT, readTextBlocks } from './text-blocks.js';

/**
 * The documents of a text file (gzip too): a paragraph a line, a blank line between documents.
 * @param encoding see readTextBlocks
 * @param longest characters of a document, at most
 * @throws DATA_FILE_UNREADABLE, DATA_GZIP_DAMAGED, DATA_ENCODING; DATA_EMPTY where no line has text, or no blank line
 * ends a document before it is longer than a text may be.
 */
export async function readDocuments(path: string, encoding?: string, longest = LONGEST_TEXT): Promise<string[]> {
  const documents: string[] = [];
  let paragraphs: string[] = [];
  let length = 0;
  const end = () => {
    if (paragraphs.length > 0) documents.push(paragraphs.join('\n'));
    paragraphs = [];
    length = 0;
  };
  for await (const block of readTextBlocks(path, encoding)) {
    for (const line of block.replace(/\r?\n$/, '').split(/\r?\n/)) {
      if (line.trim() === '') end();
      else {
        length += line.length + 1;
        if (length > longest) throw documentTooLong(path, longest);
        paragraphs.push(line.trim());
      }
    }
  }
  end();
  if (documents.length > 0) return documents;
  throw new SoftpromptError('DATA_EMPTY', {
    found: `${path} has no text`,
    expected: 'a paragraph a line, a blank line between documents',
    fix: 'Give another file.',
  });
}

function documentTooLong(path: string, longest: number): SoftpromptError {
  return new SoftpromptError('DATA_EMPTY', {
    found: `${path} has no blank line within ${longest} characters of text`,
    expected: 'a paragraph a line, a blank line between documents',
    fix: 'Put a blank line between documents.',
  });
}

/** A text file to learn from, as `zh=wiki.txt.gz:2` writes it. */
export interface TextSource {
  /** The language, or another group that validation reports by. */
  readonly language: string;
  readonly path: string;
  /** How much of what is read comes from here, beside the shares of the other files. */
  readonly share: number;
}

const SOURCE = /^(?:([\p{L}\p{N}-]+)=)?(.+?)(?::(\d+(?:\.\d+)?))?$/su;

/** `path`, `language=path`, `path:share` or `language=path:share`; share 1 where none is given. */
export function parseTextSource(text: string): TextSource {
  const [, language = 'text', path, share = '1'] = SOURCE.exec(text) ?? [];
  if (path !== undefined && Number(share) > 0) return { language, path, share: Number(share) };
  throw new SoftpromptError('TUNING_SETTING', {
    found: `The text source is ${JSON.stringify(text)}`,
    expected: 'FILE, LANGUAGE=FILE, or either with a share above 0 behind it, such as zh=wiki.txt.gz:2',
    fix: 'Correct it.',
  });
}

/** The same source with another path. */
export function withPath(text: string, change: (path: string) => string): string {
  const [, language, path, share] = SOURCE.exec(text) ?? [];
  if (path === undefined) return text;
  return `${language === undefined ? '' : `${language}=`}${change(path)}${share === undefined ? '' : `:${share}`}`;
}
