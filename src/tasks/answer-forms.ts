import { oneOf } from '../decoding/constraint.js';
import type { DecodingSettings } from '../decoding/decoding-options.js';
import { literal, sequence } from '../decoding/grammar/expression.js';
import { type Grammar, grammar } from '../decoding/grammar/grammar.js';
import { jsonSchemaExpression } from '../decoding/grammar/json-schema.js';
import { parsePattern } from '../decoding/grammar/pattern.js';
import { type WrittenTokens, writtenTokens } from '../decoding/grammar/written-tokens.js';
import type { DecodingRequest } from '../decoding/request.js';
import type { GenerationTask } from './generation-task.js';

/** Grammars that are kept for the next request. */
const KEPT = 32;

export type AnswerForms = (settings: DecodingSettings) => DecodingRequest['constraint'];

/** What answers of a task may be, as options say it: choices, a regular expression, a JSON schema. Each is made ready once. */
export function answerForms({ model, leadingSpace, encodeAnswer }: GenerationTask): AnswerForms {
  let tokens: WrittenTokens | undefined;
  const known = new Map<string, Grammar>();
  const grammarOf = ({ regex, jsonSchema }: DecodingSettings): Grammar => {
    const key = JSON.stringify([regex, jsonSchema]);
    const found = known.get(key);
    if (found !== undefined) return found;
    const expression = regex === undefined ? jsonSchemaExpression(jsonSchema) : parsePattern(regex);
    const named = regex === undefined ? 'the JSON schema' : `the regular expression ${JSON.stringify(regex)}`;
    tokens ??= writtenTokens(model.tokenizer);
    const made = grammar(sequence(literal(leadingSpace), expression), tokens, named);
    if (known.size >= KEPT) known.delete(known.keys().next().value!);
    known.set(key, made);
    return made;
  };
  return (settings) => {
    const { choices, regex, jsonSchema } = settings;
    if (choices !== undefined) {
      const answers = choices.map((choice) => [...encodeAnswer(choice)]);
      return (end) => oneOf(answers, end);
    }
    if (regex === undefined && jsonSchema === undefined) return undefined;
    return grammarOf(settings).constraint;
  };
}
