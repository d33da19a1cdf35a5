import { SoftpromptError } from '../errors.js';

/** A kind of file that is no table of text. */
interface ForeignKind {
  readonly name: string;
  readonly fix: string;
}

const SAVE_AS_CSV = 'Open it and save the sheet as CSV UTF-8 (comma delimited), or as Parquet.';
const ARCHIVE = 'Unpack it and give the file inside.';
const EXPORT = 'Export its rows as CSV, JSON lines or Parquet.';
const FETCH_AGAIN = 'Fetch the file again, and look at what was sent in its place.';

/** Beginnings of files, as Latin-1 text; the first that fits counts. */
const SIGNATURES: readonly (readonly [RegExp, ForeignKind])[] = [
  [/^PK\x03\x04[^]*(?:xl\/|\[Content_Types\]\.xml)/, { name: 'an Excel workbook (.xlsx)', fix: SAVE_AS_CSV }],
  [/^PK\x03\x04[^]*opendocument\.spreadsheet/, { name: 'an OpenDocument spreadsheet (.ods)', fix: SAVE_AS_CSV }],
  [/^PK(?:\x03\x04|\x05\x06)/, { name: 'a zip archive', fix: ARCHIVE }],
  [/^\xd0\xcf\x11\xe0/, { name: 'an old Office file, such as Excel 97 (.xls)', fix: SAVE_AS_CSV }],
  [/^%PDF-/, { name: 'a PDF document', fix: 'Take the text or table out of it first.' }],
  [/^\{\\rtf/, { name: 'a Rich Text document', fix: 'Save it as plain text.' }],
  [/^PAR1|^PARE/, { name: 'Parquet', fix: 'Name its format (--format parquet).' }],
  [/^(?:BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|7z\xbc\xaf|Rar!)/, { name: 'a packed file', fix: ARCHIVE }],
  [/^[^]{257}ustar/, { name: 'a tar archive', fix: ARCHIVE }],
  [
    /^SQLite format 3\0/,
    { name: 'a SQLite database', fix: 'Query it (--database sqlite:FILE --query "SELECT …"), or export its rows.' },
  ],
  [
    /^[^]{8}DUCK/,
    { name: 'a DuckDB database', fix: 'Query it (--database duckdb:FILE --query "SELECT …"), or export its rows.' },
  ],
  [/^(?:ARROW1|FEA1)/, { name: 'Arrow (Feather)', fix: EXPORT }],
  [/^(?:ORC|Obj\x01|\x89HDF|\x93NUMPY|RDX|\x80[\x02-\x05])/, { name: 'a binary data file', fix: EXPORT }],
  [/^(?:\x89PNG|\xff\xd8\xff|GIF8)/, { name: 'a picture', fix: 'Give a table or a text.' }],
  [
    /^version https:\/\/git-lfs/,
    { name: 'a pointer of Git LFS in place of the file', fix: 'Fetch the file itself: `git lfs pull`.' },
  ],
];

/** @throws DATA_FORMAT_FOREIGN where a file's first bytes are of a kind that is no text */
export function refuseForeignBytes(path: string, start: Uint8Array): void {
  const beginning = Buffer.from(start.subarray(0, 8192)).toString('latin1');
  const [, kind] = SIGNATURES.find(([signature]) => signature.test(beginning)) ?? [];
  if (kind !== undefined) throw foreignFile(path, kind);
}

/** @throws DATA_FORMAT_FOREIGN where a file that should hold a table begins as a text of another kind does */
export function refuseForeignText(path: string, start: string): void {
  const text = start.trimStart();
  if (/^<(?:!doctype|html|head|body|\?xml|[\w:]+\s+xmlns)/i.test(text)) {
    throw foreignFile(path, { name: 'a web page or XML', fix: FETCH_AGAIN });
  }
}

/** @throws DATA_FORMAT_FOREIGN where a file that should hold delimited values holds JSON */
export function refuseJson(path: string, start: string): void {
  const text = start.trimStart();
  if (/^\[\s*\{/.test(text) || (text.startsWith('{') && isJson(text.split('\n', 1)[0]!))) {
    throw foreignFile(path, { name: 'JSON', fix: 'Name its format (--format json).' });
  }
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

function foreignFile(path: string, { name, fix }: ForeignKind): SoftpromptError {
  return new SoftpromptError('DATA_FORMAT_FOREIGN', {
    found: `${path} is ${name}`,
    expected: 'what its name, or the format that was named, says',
    fix,
  });
}
