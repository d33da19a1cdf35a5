/** The characters that byte-level BPE writes bytes as (GPT-2's `bytes_to_unicode`): character → byte. */
const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(byteAlphabet());

function byteAlphabet(): [string, number][] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return [String.fromCodePoint(printable ? byte : next++), byte];
  });
}

const CHARACTER_OF_BYTE: readonly string[] = byteAlphabet().map(([character]) => character);

/** The character that byte-level BPE writes a byte as. */
export function byteCharacter(byte: number): string {
  return CHARACTER_OF_BYTE[byte]!;
}

/** The bytes that a vocabulary entry stands for; `byteLevel` says which of the two spellings the vocabulary uses. */
export function tokenBytes(token: string, byteLevel: boolean): Uint8Array {
  if (byteLevel) {
    return Uint8Array.from(
      Array.from(token).flatMap((character) => BYTE_OF_CHARACTER.get(character) ?? [...Buffer.from(character)]),
    );
  }
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token);
  return byte ? Uint8Array.of(Number.parseInt(byte[1]!, 16)) : Buffer.from(token.replaceAll('▁', ' '));
}

const CONTROL_NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Bytes as people read them: whole characters as they are, control characters and broken ones as `\n` or `\xE6`. */
export function readableBytes(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const character = characterAt(bytes, i);
    if (character === undefined || /\p{Cc}/u.test(character)) {
      text += CONTROL_NAMES[character ?? ''] ?? `\\x${bytes[i]!.toString(16).toUpperCase().padStart(2, '0')}`;
      i++;
    } else {
      text += character;
      i += Buffer.byteLength(character);
    }
  }
  return text;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The UTF-8 character that starts at byte i, or undefined where none does. */
function characterAt(bytes: Uint8Array, i: number): string | undefined {
  const lead = bytes[i]!;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  try {
    return utf8.decode(bytes.subarray(i, i + length));
  } catch {
    return undefined;
  }
}
