import { readFileSync } from 'node:fs';

/** Sets of 60 messages with three labels each; `test/fixtures/messages/make-messages.mjs` makes them. */
export const MESSAGE_SETS = [
  ...['support_en', 'news_en', 'bank_en', 'reviews_en', 'questions_en'],
  ...['support_zh', 'news_zh', 'hotel_zh', 'school_zh', 'intent_zh'],
] as const;

export const messages = (name: string) => ({
  train: `test/fixtures/messages/${name}.train.csv`,
  test: `test/fixtures/messages/${name}.test.csv`,
});

/** Label → word. */
export function messageLabels(name: string): Record<string, string> {
  const lines = readFileSync(messages(name).train, 'utf8').trim().split('\n').slice(1);
  const labels = [...new Set(lines.map((line) => line.slice(line.lastIndexOf(',') + 1)))].sort();
  return Object.fromEntries(labels.map((label) => [label, ` ${label}`]));
}
