import { z } from 'zod';
import { parseRecord } from '../files/json-record.js';

const message = z.union([
  z.string(),
  z.looseObject({ role: z.string().optional(), content: z.string() }),
  z.looseObject({ speaker: z.string().optional(), message: z.string() }),
]);
const dialogue = z.array(message).min(1);

/**
 * A slot's text as a person would read it: a list of messages (`[{"role":"user","content":"…"}, …]`, or of texts) becomes a
 * line each, `User: …`; anything else stays as it is.
 */
export function withTurns(text: string): string {
  if (!text.startsWith('[')) return text;
  const { record } = parseRecord(text, dialogue);
  return record === undefined ? text : record.map(lineOf).join('\n');
}

function lineOf(turn: z.infer<typeof message>): string {
  if (typeof turn === 'string') return turn;
  const [who, said] = 'content' in turn ? [turn.role, turn.content] : [turn.speaker, turn.message];
  const name = typeof who === 'string' && who !== '' ? `${who[0]!.toUpperCase()}${who.slice(1)}: ` : '';
  return `${name}${String(said)}`;
}
