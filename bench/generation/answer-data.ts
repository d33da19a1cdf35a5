import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Random } from '../../src/random.js';

/** A task whose answers are texts, from `../shared/data/generation`. */
export interface AnswerTask {
  readonly name: string;
  readonly template: string;
  /** What decides. */
  readonly metric: 'rougeL' | 'chrf' | 'f1' | 'perplexity';
  readonly maxNewTokens: number;
  rows(folder: string): AnswerRows;
}

type Row = Readonly<Record<string, unknown>>;
export interface AnswerRows {
  readonly train: readonly Row[];
  readonly valid: readonly Row[];
  readonly test: readonly Row[];
}

const MOST = { train: 2000, valid: 100, test: 200 };

const text = (path: string) => gunzipSync(readFileSync(path)).toString('utf8');

export const ANSWER_TASKS: readonly AnswerTask[] = [
  {
    name: 'SciTLDR',
    template:
      '[soft:"Summarise the abstract in one short sentence.\n"]{abstract|max=64}\n[soft:"TL;DR:"] {target|max=28}',
    metric: 'rougeL',
    maxNewTokens: 28,
    rows: (folder) => {
      const read = (part: string, all: boolean) =>
        text(join(folder, 'sum_scitldr', `SciTLDR-A_${part}.jsonl.gz`))
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as { source: string[]; target: string[] })
          .map(({ source, target }) =>
            target
              .slice(0, all ? undefined : 1)
              .map((one) => ({ abstract: clean(source.join(' ')), target: clean(one) })),
          );
      return cut(read('train', false), read('dev', false), read('test', true));
    },
  },
  {
    name: 'CSL',
    template: '[soft:"下面是一篇论文的摘要和标题。\n摘要："]{abstract|max=64}\n[soft:"标题："]{target|max=24}',
    metric: 'rougeL',
    maxNewTokens: 24,
    rows: (folder) => {
      const read = (part: string) =>
        text(join(folder, 'sum_csl', 'ts', `${part}.tsv.gz`))
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => [{ abstract: line.split('\t')[1]!, target: line.split('\t')[2]! }]);
      const dev = read('dev');
      return cut(dev.slice(100), dev.slice(0, 100), read('test'));
    },
  },
  {
    name: 'Tatoeba',
    template: '[soft:20]English: {english}\n中文：{target}',
    metric: 'chrf',
    maxNewTokens: 32,
    rows: (folder) => {
      const lines = text(join(folder, 'mt_tatoeba_cmn', 'cmn_2024.txt.gz'))
        .replace(/^\ufeff/, '')
        .split('\n');
      const byEnglish = new Map<string, { english: string; target: string }[]>();
      for (const line of lines) {
        const [english, chinese] = line.split('\t');
        if (english === undefined || chinese === undefined) continue;
        byEnglish.set(english, [...(byEnglish.get(english) ?? []), { english, target: chinese }]);
      }
      const groups = new Random(0).shuffle([...byEnglish.values()]);
      return cut(
        groups.slice(300).map((rows) => rows.slice(0, 1)),
        groups.slice(200, 300).map((rows) => rows.slice(0, 1)),
        groups,
      );
    },
  },
  {
    name: 'XQuAD',
    template:
      '[soft:"Answer the question with words of the text.\n"]{sentence|max=64}\nQuestion: {question|max=32}\n[soft:"Answer:"] {target|max=16}',
    metric: 'f1',
    maxNewTokens: 16,
    rows: (folder) => {
      const { data } = JSON.parse(text(join(folder, 'qa_xquad', 'xquad.en.json.gz'))) as {
        data: {
          paragraphs: {
            context: string;
            qas: { question: string; answers: { text: string; answer_start: number }[] }[];
          }[];
        }[];
      };
      // whole documents are in one split alone; the sentence that holds the answer is given
      const documents = data.map(({ paragraphs }) =>
        paragraphs.flatMap(({ context, qas }) =>
          qas.map(({ question, answers: [answer] }) => [
            { sentence: sentenceAround(context, answer!.answer_start), question, target: answer!.text },
          ]),
        ),
      );
      return cut(documents.slice(0, 34).flat(), documents.slice(34, 38).flat(), documents.slice(38).flat());
    },
  },
  {
    name: 'KdConv',
    template: '[soft:20]{history|max=120,keep=end}\n{target|max=48}',
    metric: 'perplexity',
    maxNewTokens: 48,
    rows: (folder) => {
      const read = (part: string) =>
        ['film', 'music', 'travel'].flatMap((domain) => {
          const dialogues = JSON.parse(text(join(folder, 'dlg_kdconv', `${domain}_${part}.json.gz`))) as {
            messages: { message: string }[];
          }[];
          return dialogues.flatMap(({ messages }) =>
            messages
              .slice(1)
              .map(({ message }, i) => [
                { history: messages.slice(Math.max(0, i - 3), i + 1).map((turn) => turn.message), target: message },
              ]),
          );
        });
      const dev = new Random(0).shuffle(read('dev'));
      return cut(dev.slice(100), dev.slice(0, 100), new Random(0).shuffle(read('test')));
    },
  },
];

/** At most so many of each; the rows of a group stay together. */
function cut(train: readonly Row[][], valid: readonly Row[][], test: readonly Row[][]): AnswerRows {
  const shuffled = new Random(0).shuffle([...train]);
  return {
    train: shuffled.slice(0, MOST.train).flat(),
    valid: valid.slice(0, MOST.valid).flat(),
    test: test.slice(0, MOST.test).flat(),
  };
}

const clean = (line: string) => line.replace(/\s+/g, ' ').trim();

function sentenceAround(context: string, at: number): string {
  let start = 0;
  for (const { index } of context.matchAll(/[.!?] /g)) {
    if (index >= at) return context.slice(start, index + 1);
    start = index + 2;
  }
  return context.slice(start);
}
