import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelOf, Model, Prompt, SlotOf } from 'softprompt';

/** Whether two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>() => undefined;

/** What is a mistake of the compiler's here stands behind `@ts-expect-error`: without the mistake nothing compiles. */
const neverCalled = async (model: Model, prompt: Prompt<string, string>) => {
  const task = model.classify('[soft:20]{text} It was{label}', { positive: ' great', negative: ' terrible' });
  const learned = await task.tune([{ text: 'a', label: 'positive' }]);
  const { label, probabilities } = await learned.predict({ text: 'a' });
  holds<Same<typeof label, 'positive' | 'negative'>>();
  void probabilities.positive;
  const many = await learned.predict([{ text: 'a' }, { text: 7 }]);
  holds<Same<(typeof many)[0]['label'], 'positive' | 'negative'>>();

  // @ts-expect-error a slot that the template has not
  await learned.predict({ txt: 'a' });
  // @ts-expect-error a slot is missing
  await learned.predict({});
  // @ts-expect-error a slot too many
  await learned.predict({ text: 'a', title: 'b' });
  // @ts-expect-error one of many has a slot that the template has not
  await learned.predict([{ text: 'a' }, { txt: 'a' }]);
  // @ts-expect-error a text is no object with slots
  await learned.predict('a');
  // @ts-expect-error no label is called so
  if (label === 'great') return;
  // @ts-expect-error no label is called so
  void probabilities.great;
  // @ts-expect-error no label is called so
  await task.tune([{ text: 'a', label: 'great' }]);
  // @ts-expect-error a row lacks a slot
  await task.tune([{ label: 'positive' }]);
  // @ts-expect-error a row lacks its label
  await task.tune([{ text: 'a' }]);
  // @ts-expect-error no such option
  await task.tune([{ text: 'a', label: 'positive' }], { epoch: 3 });
  // @ts-expect-error no label is called so
  await learned.evaluate([{ text: 'a', label: 'great' }]);

  // rows as they come from elsewhere: a label that is any text, files, generators
  const loose: { text: string; label: string }[] = [];
  await task.tune(loose, { valid: loose, test: 'test.csv' });
  await task.tune('train.csv');
  await task.tune(
    (async function* () {
      yield { text: 'a', label: 'negative' as const };
    })(),
    { onEvent: (event) => event.event === 'validation' && event.accuracy > 0 },
  );
  await task.tune(new Set([{ text: 'a', label: 'negative', other: 1 } as const]));
  const numbered = model.classify('{title} {text|max=8,keep=end}[soft:2]{label}', { 0: ' no', 1: ' yes' });
  const yes = await numbered.tune([{ title: 'a', text: 'b', label: 1 }]);
  const { label: digit } = await yes.predict({ title: 'a', text: 'b' });
  holds<Same<typeof digit, '0' | '1'>>();
  // @ts-expect-error no label is called so
  await numbered.tune([{ title: 'a', text: 'b', label: 2 }]);

  // what is known only when it runs
  await prompt.predict({ anything: 'a' });
  const template: string = '{text}{label}';
  await model.classify(template, {} as Record<string, string>).tune([{ text: 'a', label: 'any' }]);
};

test('slots and labels are inferred from the template and the labels', () => {
  holds<Same<SlotOf<'[soft:20]{text} It was{label}'>, 'text'>>();
  holds<Same<SlotOf<'{ title | max=12 }: {text|max=128,keep=end} -{label} to me'>, 'title' | 'text'>>();
  holds<Same<SlotOf<'{text}。该文本表达了{label}情感'>, 'text'>>();
  holds<Same<SlotOf<'[soft:4]{label}'>, never>>();
  holds<Same<SlotOf<'\\{text} {b}{label}'>, 'b'>>();
  holds<Same<SlotOf<string>, string>>();
  holds<Same<LabelOf<{ 0: ' a'; 1: ' b' }>, '0' | '1'>>();
  holds<Same<LabelOf<{ readonly yes: ' a'; readonly no: ' b' }>, 'yes' | 'no'>>();
  assert.equal(typeof neverCalled, 'function');
});
