/** A way to write a task: what stands around the text, and where the answer goes. */
export interface WrittenForm {
  /** In the template language, without learned tokens. */
  readonly template: string;
  /** What the label words are in it: names stand by themselves, qualities behind a verb. */
  readonly reads: string;
}

/** Longest text of a slot, in tokens, so that label and words around have room. */
const ROOM = 160;

const ENGLISH: readonly (readonly [before: string, after: string, reads: string])[] = [
  ['', ' It was{label}', 'a quality of what the text tells of'],
  ['', ' All in all, it was{label}', 'a quality, as a conclusion'],
  ['', ' Category:{label}', 'a name of a class'],
  ['', ' This is about{label}', 'a subject'],
  ['', ' In one word:{label}', 'a word that sums it up'],
  ['Text: ', '\\nAnswer:{label}', 'an answer'],
  ['Review: ', '\\nSentiment:{label}', 'a sentiment'],
  ['Topic of the following text. ', ' Topic:{label}', 'a topic'],
];
const CHINESE: readonly (readonly [before: string, after: string, reads: string])[] = [
  ['', '。总之，很{label}', '总的评价'],
  ['', '。类别：{label}', '类别的名称'],
  ['', '。这是关于{label}的', '主题'],
  ['文本：', '\\n答案：{label}', '回答'],
  ['评论：', '\\n情感：{label}', '情感'],
  ['', '。一句话：{label}', '概括的词'],
  ['这段话的主题是什么？', ' 主题：{label}', '主题'],
];

/** All forms of the grammar for a task of these slots. */
export function writtenForms(fields: readonly string[], chinese: boolean): WrittenForm[] {
  const room = Math.max(16, Math.floor(ROOM / fields.length));
  const slots = fields.map((field) => `{${field}|max=${room}}`).join(chinese ? '，' : ' ');
  const seen = (chinese ? CHINESE : ENGLISH).map(([before, after, reads]) => ({
    ...{ template: `${before}${slots}${after}`, reads },
  }));
  return seen;
}
