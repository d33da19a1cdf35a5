import { splitAtSpace, stripSpace } from './text-tokens.js';

/** sacreBLEU's tokenizers: `13a` is mteval-v13a's, `zh` counts Chinese characters by themselves. */
export type BleuTokenizer = '13a' | 'zh';

export function bleuTokens(text: string, tokenizer: BleuTokenizer): string[] {
  const line = stripSpace(text);
  return westernTokens(tokenizer === 'zh' ? line.replace(CHINESE, ' $& ') : plain13a(line));
}

function plain13a(line: string): string {
  const joined = line.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  const marks = joined
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${marks} `;
}

/** sacreBLEU's `TokenizerRegexp`. */
function westernTokens(line: string): string[] {
  return splitAtSpace(
    line
      .replace(/[{-~[-` -&(-+:-@/]/gu, ' $& ')
      .replace(/([^0-9])([.,])/gu, '$1 $2 ')
      .replace(/([.,])([^0-9])/gu, ' $1 $2')
      .replace(/([0-9])(-)/gu, '$1 $2 '),
  );
}

/**
 * The characters that sacreBLEU's `zh` takes for Chinese. It writes its ranges beyond U+FFFF with four digits, so that they
 * are U+2001 to U+2A6D and U+2F81 to U+2FA1, quotation marks and dashes included; the figures are to be the same.
 */
const CHINESE =
  /[\u3400-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\u2001-\u2a6d\u2f81-\u2fa1\uff00-\uffef\u2e80-\u2eff\u3000-\u303f\u31c0-\u31ef\u2f00-\u2fdf\u2ff0-\u2fff\u3100-\u312f\u31a0-\u31bf\ufe10-\ufe1f\ufe30-\ufe4f\u2600-\u27bf\u3200-\u33ff]/gu;
