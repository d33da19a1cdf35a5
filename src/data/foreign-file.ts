import { SoftpromptError } from '../errors.js';

/** A kind of file that is no text. */
interface ForeignKind {
  readonly name: string;
  readonly fix: string;
  /** What such files have at `at`: one of these, in Latin-1. */
  readonly signatures: readonly string[];
  readonly at?: number;
  /** What stands somewhere in the first bytes besides. */
  readonly holds?: string;
}

const SAVE_AS_CSV = 'Open it and save the sheet as CSV UTF-8 (comma delimited), or as Parquet.';
const ARCHIVE = 'Unpack it and give the file inside.';
const EXPORT = 'Export its rows as CSV, JSON lines or Parquet.';
const QUERY = (type: string) => `Query it (--database ${type}:FILE --query "SELECT …"), or export its rows.`;

/** The first that fits counts. */
const KINDS: readonly ForeignKind[] = [
  { name: 'an Excel workbook (.xlsx)', fix: SAVE_AS_CSV, signatures: ['PK\x03\x04'], holds: '[Content_Types].xml' },
  { name: 'an Excel workbook (.xlsx)', fix: SAVE_AS_CSV, signatures: ['PK\x03\x04'], holds: 'xl/' },
  { name: 'a spreadsheet (.ods)', fix: SAVE_AS_CSV, signatures: ['PK\x03\x04'], holds: 'opendocument.spreadsheet' },
  { name: 'a zip archive', fix: ARCHIVE, signatures: ['PK\x03\x04', 'PK\x05\x06'] },
  { name: 'an old Office file, such as Excel 97 (.xls)', fix: SAVE_AS_CSV, signatures: ['\xd0\xcf\x11\xe0'] },
  { name: 'a PDF document', fix: 'Take the text or table out of it first.', signatures: ['%PDF-'] },
  { name: 'a Rich Text document', fix: 'Save it as plain text.', signatures: ['{\\rtf'] },
  { name: 'Parquet', fix: 'Name its format (--format parquet).', signatures: ['PAR1', 'PARE'], holds: '\0' },
  {
    name: 'a packed file',
    fix: ARCHIVE,
    signatures: ['\x28\xb5\x2f\xfd', '\x04\x22\x4d\x18', '\xfd7zXZ\0', '7z\xbc\xaf', 'Rar!\x1a'],
  },
  { name: 'a packed file (bzip2)', fix: ARCHIVE, signatures: ['1AY&SY'], at: 4 },
  { name: 'a tar archive', fix: ARCHIVE, signatures: ['ustar'], at: 257 },
  { name: 'a SQLite database', fix: QUERY('sqlite'), signatures: ['SQLite format 3\0'] },
  { name: 'a DuckDB database', fix: QUERY('duckdb'), signatures: ['DUCK'], at: 8, holds: '\0' },
  { name: 'Arrow (Feather)', fix: EXPORT, signatures: ['ARROW1', 'FEA1'], holds: '\0' },
  {
    name: 'a binary data file',
    fix: EXPORT,
    signatures: ['Obj\x01', '\x89HDF', '\x93NUMPY', '\x80\x03', '\x80\x04', '\x80\x05'],
  },
  { name: 'a binary data file', fix: EXPORT, signatures: ['ORC', 'RDX'], holds: '\0' },
  { name: 'a picture', fix: 'Give a table or a text.', signatures: ['\x89PNG', '\xff\xd8\xff', 'GIF89a'] },
  {
    name: 'a pointer of Git LFS in place of the file',
    fix: 'Fetch the file itself: `git lfs pull`.',
    signatures: ['version https://git-lfs'],
  },
];

/** Bytes that are looked at. */
const BEGINNING = 65_536;

/** Whether a file begins as Parquet does. */
export function isParquet(start: Buffer): boolean {
  return start.toString('latin1', 0, 4) === 'PAR1' && start.subarray(0, BEGINNING).includes(0);
}

/** @throws DATA_FORMAT_FOREIGN where a file's first bytes are of a kind that is no text */
export function refuseForeignBytes(path: string, start: Buffer): void {
  const beginning = start.toString('latin1', 0, BEGINNING);
  const kind = KINDS.find(
    ({ signatures, at = 0, holds = '' }) =>
      signatures.some((signature) => beginning.startsWith(signature, at)) && beginning.includes(holds),
  );
  if (kind !== undefined) throw foreignFile(path, kind.name, kind.fix);
}

/** @throws DATA_FORMAT_FOREIGN where a file that should hold a table begins as a text of another kind does */
export function refuseForeignText(path: string, start: string): void {
  const text = start.trimStart();
  if (/^<(?:!doctype|html|head|body|\?xml|[\w:]+\s+xmlns)/i.test(text)) {
    throw foreignFile(path, 'a web page or XML', 'Fetch the file again, and look at what was sent in its place.');
  }
}

/** @throws DATA_FORMAT_FOREIGN where a file that should hold delimited values holds JSON */
export function refuseJson(path: string, start: string): void {
  const text = start.trimStart();
  if (/^\[\s*\{/.test(text) || (text.startsWith('{') && isJson(text.split('\n', 1)[0]!))) {
    throw foreignFile(path, 'JSON', 'Name its format (--format json).');
  }
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

function foreignFile(path: string, name: string, fix: string): SoftpromptError {
  return new SoftpromptError('DATA_FORMAT_FOREIGN', {
    found: `${path} is ${name}`,
    expected: 'a table as CSV, TSV or JSON lines (or Parquet, under that name or format), or a text',
    fix,
  });
}
