import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/random.js';

const ENGLISH = {
  beings: ['the cat', 'a dog', 'my sister', 'the old man', 'our teacher', 'a small bird'],
  deeds: ['reads', 'buys', 'likes', 'paints', 'forgets'],
  things: ['a blue book', 'the long letter', 'two red apples', 'an empty box', 'some warm bread'],
  end: '.',
};
const CHINESE = {
  beings: ['小猫', '老师', '我妹妹', '那位老人', '邻居'],
  deeds: ['喜欢', '忘了', '买了', '画了'],
  things: ['一本书', '两个苹果', '热面包', '空盒子', '一封长信'],
  end: '。',
};

/** Documents of two paragraphs each, a blank line between documents: sentences with an order that can be learned. */
export function madeUpText(language: 'en' | 'zh', documents: number, seed: number): string {
  const { beings, deeds, things, end } = language === 'en' ? ENGLISH : CHINESE;
  const space = language === 'en' ? ' ' : '';
  const random = new Random(seed);
  const pick = (list: readonly string[]) => list[random.integer(list.length)]!;
  const sentence = () => `${pick(beings)}${space}${pick(deeds)}${space}${pick(things)}${end}`;
  const paragraph = () => [sentence(), sentence(), sentence()].join(space);
  return Array.from({ length: documents }, () => `${paragraph()}\n${paragraph()}\n\n`).join('');
}

/** A new folder with `en.txt` and `zh.txt`. */
export function textFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'softprompt-texts-'));
  writeFileSync(join(folder, 'en.txt'), madeUpText('en', 150, 1));
  writeFileSync(join(folder, 'zh.txt'), madeUpText('zh', 150, 2));
  return folder;
}
