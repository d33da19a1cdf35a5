/**
 * What a template makes of an example, token by token, and what a mistake in one looks like.
 *
 *     node templates.ts [MODEL]                 in a project that has softprompt, Node.js 22.18 or newer
 *     node dist/examples/templates.js [MODEL]   in a checkout, once it is built
 */
import { load, SoftpromptError } from 'softprompt';
import { asLearnedToken, compileTemplate, parseLabels, parseTemplate, withoutLearned } from 'softprompt/templates';

const model = await load(process.argv[2] ?? 'embedded');
const { tokenizer } = model.frozen;

function show(source: string, labels: Record<string, string>, fields: Record<string, string>, maxLength = 128): void {
  const template = parseTemplate(source);
  const compiled = compileTemplate(template, { tokenizer, labels: parseLabels(labels), maxLength });
  const { context, candidates } = compiled.encode({ id: 'example', fields, label: undefined });
  const token = (id: number) => {
    const learned = asLearnedToken(id);
    return learned === undefined ? tokenizer.describe(id) : `<${learned}>`;
  };
  console.log(source);
  console.log(`  context     ${Array.from(context, token).join('|')}`);
  for (const candidate of candidates) console.log(`  candidate   ${Array.from(candidate, token).join('|')}`);
  console.log(`  unlearned   ${withoutLearned(template).source}\n`);
}

const sentiment = { 0: ' bad', 1: ' good' };
const text = 'a charming film';

// Learned tokens in front, as PEFT has them; <0> … <3> are their places.
show('[soft:4]{text} It was{label}', sentiment, { text });
// Learned tokens that start from words, in the middle; words after the label are scored with it.
show('{text}[soft:" It was"]{label} to me', sentiment, { text });
// Two slots. The second gives way first, from its beginning; then the longer of the two.
show('{title}: {text|max=12,keep=end} -{label}', sentiment, { title: 'Review', text: `${text}, and a long one` }, 40);

// A mistake is shown with its place.
try {
  parseTemplate('[soft:4]{text} It was{lable');
} catch (error) {
  if (!(error instanceof SoftpromptError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
await model.close();
