/** Longest text of a slot, in tokens, so that label and words around have room. */
const ROOM = 160;

const ENGLISH: readonly (readonly [before: string, after: string])[] = [
  ['', ' It was{label}'],
  ['', ' All in all, it was{label}'],
  ['', ' Category:{label}'],
  ['', ' This is about{label}'],
  ['', ' In one word:{label}'],
  ['Text: ', '\\nAnswer:{label}'],
  ['Review: ', '\\nSentiment:{label}'],
  ['Topic of the following text. ', ' Topic:{label}'],
];
const CHINESE: readonly (readonly [before: string, after: string])[] = [
  ['', '。总之，很{label}'],
  ['', '。类别：{label}'],
  ['', '。这是关于{label}的'],
  ['文本：', '\\n答案：{label}'],
  ['评论：', '\\n情感：{label}'],
  ['', '。一句话：{label}'],
  ['这段话的主题是什么？', ' 主题：{label}'],
];

/** All forms of the grammar for a task of these slots: templates without learned tokens. */
export function writtenForms(fields: readonly string[], chinese: boolean): string[] {
  const room = Math.max(16, Math.floor(ROOM / fields.length));
  const slots = fields.map((field) => `{${field}|max=${room}}`).join(chinese ? '，' : ' ');
  return (chinese ? CHINESE : ENGLISH).map(([before, after]) => `${before}${slots}${after}`);
}
