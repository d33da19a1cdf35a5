import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { configuredTokens } from './configured-tokens.js';
import { createTokenizer } from './hugging-face-tokenizer.js';
import type { Tokenizer } from './tokenizer.js';
import { tokenizerDifferences } from './tokenizer-differences.js';
import {
  checkTokenizerJson,
  innerComponents,
  isObject,
  type TokenizerJson,
  tokenizerInvalid,
} from './tokenizer-json.js';

/**
 * Loads a Hugging Face `tokenizer.json`; a `tokenizer_config.json` beside it may say whether a begin-of-sequence token
 * belongs in front of every text, and list further added tokens. `rows` is how many embeddings the model has; `ends`
 * whether its texts get the tokenizer's end token, by default where there is a mask.
 * Errors: TOKENIZER_UNREADABLE, TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED.
 */
export async function loadTokenizer(
  path: string,
  { rows, ends }: { readonly rows?: number; readonly ends?: boolean } = {},
): Promise<Tokenizer> {
  const content = checkTokenizerJson(await readJson(path), path);
  const beside = await readJson(join(dirname(path), 'tokenizer_config.json'), {});
  const config = isObject(beside) ? beside : {};
  const configured = configuredTokens(content, config, rows);
  const json = { ...content, added_tokens: configured.tokens };
  const marks = { bos: beginOfSequence(json, config), end: templateToken(json, 'last'), mask: maskToken(json, config) };
  const notes = [...tokenizerDifferences(json, config, ends ?? marks.mask !== undefined), ...configured.notes];
  return createTokenizer(json, marks, path, notes);
}

async function readJson(path: string, ifMissing?: unknown): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (ifMissing !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return ifMissing;
    throw new SoftpromptError(
      'TOKENIZER_UNREADABLE',
      {
        found: `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
        expected: 'the tokenizer.json of the model',
        fix: "Put it into the model's folder, or give the folder that holds it.",
      },
      { cause: error },
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw tokenizerInvalid(`${path} is not JSON: ${(error as Error).message}`, 'a whole JSON file', error);
  }
}

/** As transformers: an explicit `add_bos_token` decides, else what the post-processor puts in front. */
function beginOfSequence(json: TokenizerJson, config: Record<string, unknown>): number | undefined {
  if (typeof config.add_bos_token !== 'boolean') return templateToken(json, 'first');
  if (!config.add_bos_token) return undefined;
  const token = isObject(config.bos_token) ? config.bos_token.content : config.bos_token;
  return json.added_tokens.find((added) => added.content === token)?.id;
}

/**
 * The special token that the post-processor writes before the text, or behind it (`single` of `TemplateProcessing` lists
 * what a text becomes; older files name both tokens).
 */
function templateToken(json: TokenizerJson, which: 'first' | 'last'): number | undefined {
  for (const part of innerComponents(json.post_processor)) {
    if (part.type === 'BertProcessing' || part.type === 'RobertaProcessing') {
      const pair: unknown = which === 'first' ? part.cls : part.sep;
      if (Array.isArray(pair) && typeof pair[1] === 'number') return pair[1];
    }
    if (part.type !== 'TemplateProcessing' || !Array.isArray(part.single)) continue;
    const token: unknown = which === 'first' ? part.single[0] : part.single.at(-1);
    const name = isObject(token) && isObject(token.SpecialToken) ? token.SpecialToken.id : undefined;
    const tokens = isObject(part.special_tokens) ? part.special_tokens : {};
    const special = typeof name === 'string' ? tokens[name] : undefined;
    if (isObject(special) && Array.isArray(special.ids) && typeof special.ids[0] === 'number') return special.ids[0];
  }
  return undefined;
}

const MASKS: readonly unknown[] = ['[MASK]', '<mask>'];

function maskToken(json: TokenizerJson, config: Record<string, unknown>): number | undefined {
  const named = isObject(config.mask_token) ? config.mask_token.content : config.mask_token;
  const known = (content: string) => (typeof named === 'string' ? content === named : MASKS.includes(content));
  return json.added_tokens.find((added) => added.special && known(added.content))?.id;
}
