import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { SoftpromptError } from '../errors.js';
import { isObject } from './tokenizer-json.js';

/** A turn of a conversation. Templates know the roles `system`, `user` and `assistant`; some know others. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** How a model was taught to read conversations. */
export interface ChatTemplate {
  /** Where it was found. */
  readonly source: string;
  /** Jinja (https://huggingface.co/docs/transformers/chat_templating). */
  readonly text: string;
  /** The tokenizer's special tokens by their names in tokenizer_config.json, which templates may write. */
  readonly tokens: Readonly<Record<string, string>>;
}

const TOKEN_NAMES = ['bos_token', 'eos_token', 'unk_token', 'pad_token', 'sep_token', 'cls_token', 'mask_token'];

/**
 * The chat template beside a `tokenizer.json`: `chat_template.jinja`, or `chat_template` of tokenizer_config.json, of several the one
 * that is called default. undefined where there is none. Errors: CHAT_TEMPLATE.
 */
export async function readChatTemplate(tokenizerPath: string): Promise<ChatTemplate | undefined> {
  const folder = dirname(tokenizerPath);
  const configPath = join(folder, 'tokenizer_config.json');
  const config = existsSync(configPath) ? parse(configPath, await readFile(configPath, 'utf8')) : {};
  const tokens = namedTokens(config);
  const own = join(folder, 'chat_template.jinja');
  if (existsSync(own)) return { source: own, text: await readFile(own, 'utf8'), tokens };
  const text = chosen(config.chat_template);
  return text === undefined ? undefined : { source: configPath, text, tokens };
}

/** The chat template of a GGUF file's metadata; undefined where it has none. */
export function ggufChatTemplate(path: string, metadata: ReadonlyMap<string, unknown>): ChatTemplate | undefined {
  const text = metadata.get('tokenizer.chat_template');
  if (typeof text !== 'string') return undefined;
  const words = metadata.get('tokenizer.ggml.tokens');
  const tokens = ['bos', 'eos', 'unknown', 'padding'].flatMap((name): [string, string][] => {
    const id = metadata.get(`tokenizer.ggml.${name}_token_id`);
    const word: unknown = typeof id === 'number' && Array.isArray(words) ? words[id] : undefined;
    const called = { unknown: 'unk', padding: 'pad' }[name] ?? name;
    return typeof word === 'string' ? [[`${called}_token`, word]] : [];
  });
  return { source: path, text, tokens: Object.fromEntries(tokens) };
}

/** A conversation as the model reads it, up to where the assistant's turn begins. Errors: CHAT_TEMPLATE. */
export function renderChat(template: ChatTemplate, messages: readonly ChatMessage[]): string {
  try {
    return new Template(template.text).render({
      ...template.tokens,
      messages: messages.map(({ role, content }) => ({ role, content })),
      add_generation_prompt: true,
      // Llama 3's own default, so that a prompt does not depend on the day
      date_string: '26 Jul 2024',
    });
  } catch (cause) {
    throw chatTemplateError(
      `The chat template of ${template.source} fails: ${cause instanceof Error ? cause.message : cause}`,
      `one that takes the roles ${[...new Set(messages.map(({ role }) => role))].join(', ')}`,
      'Leave out what it does not take (--system), or write its marks into the template yourself, without --chat.',
      cause,
    );
  }
}

export function chatTemplateError(found: string, expected: string, fix: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError('CHAT_TEMPLATE', { found, expected, fix }, { cause });
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // said below
  }
  throw chatTemplateError(`${path} is no JSON object`, 'the tokenizer_config.json of the model', 'Download it again.');
}

function chosen(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = value.filter(isObject);
  const one = named.find(({ name }) => name === 'default') ?? (named.length === 1 ? named[0] : undefined);
  return typeof one?.template === 'string' ? one.template : undefined;
}

function namedTokens(config: Record<string, unknown>): Record<string, string> {
  const entries = TOKEN_NAMES.flatMap((name): [string, string][] => {
    const token = isObject(config[name]) ? config[name].content : config[name];
    return typeof token === 'string' ? [[name, token]] : [];
  });
  return Object.fromEntries(entries);
}
