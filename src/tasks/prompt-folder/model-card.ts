import { basename } from 'node:path';
import { stringify } from 'yaml';
import { scoreCells } from '../../evaluation/score-table.js';
import type { BaseModel } from '../../hub/base-model.js';
import { EMBEDDED_MODEL_PATH } from '../../hub/embedded-model.js';
import { loadableModel } from '../../hub/loadable-model.js';
import type { Method } from '../../methods/method.js';
import { METHODS } from '../../methods/registry.js';
import type { SavedPrompt } from './saved-prompt.js';

/**
 * The README.md of a prompt folder: a Hugging Face model card with its front matter, what the prompt is, its scores
 * beside the baselines, how to use it, and its limits.
 */
export function modelCard(prompt: SavedPrompt): string {
  return [
    `---\n${stringify(frontMatter(prompt))}---`,
    ...summary(prompt),
    ...scores(prompt),
    ...use(prompt),
    ...limits(prompt),
    '## Tuning',
    fenced('json', JSON.stringify(prompt.tuning, null, 2)),
  ]
    .join('\n\n')
    .concat('\n');
}

/** Metadata that the hub reads; it knows models by `owner/name`, so a local path is left out. */
function frontMatter({ baseModel, task, learned }: SavedPrompt): Record<string, unknown> {
  const { name, place } = loadableModel(baseModel);
  const onHub = place === 'hub';
  return {
    ...(onHub ? { base_model: name } : {}),
    library_name: METHODS[learned.method].peft ? 'peft' : 'softprompt',
    pipeline_tag: task === 'classification' ? 'text-classification' : 'text-generation',
    tags: ['softprompt', METHODS[learned.method].tag, ...(onHub ? [`base_model:adapter:${name}`] : [])],
  };
}

function summary({ task, learned, template, labels, baseModel }: SavedPrompt): string[] {
  const name = modelName(baseModel);
  const { about, tokens }: Method = METHODS[learned.method];
  const numbers = learned.values.length;
  const what =
    learned.method === 'written'
      ? 'A template of words'
      : tokens === 'none'
        ? `${numbers} learned numbers (${about})`
        : `${learned.tokens} learned tokens (${learned.tokens} × ${numbers / learned.tokens} numbers: ${about})`;
  return [
    `# ${heading(learned.method, tokens)} ${name}`,
    `${what} that ${learned.method === 'written' ? 'makes' : 'make'} the frozen language model ${code(baseModel.source)} ` +
      `${DOES[task]}. The model's own files are unchanged.`,
    `The template, in which ${tokens === 'none' ? '' : '`[soft:…]` are learned tokens, '}\`{…}\` fields of the data, and ${task === 'generation' ? '`{target}` what is generated' : '`{label}` what is predicted'}:`,
    fenced('text', template),
    ...(task !== 'classification'
      ? []
      : [table([['label', 'word'], ...[...labels].map(([key, word]) => [code(key), code(word)])])]),
  ];
}

const heading = (method: string, tokens: Method['tokens']) =>
  method === 'written' ? 'A written prompt for' : tokens === 'none' ? 'Learned changes of' : 'A learned prompt for';

function scores({ metrics, task }: SavedPrompt): string[] {
  if (metrics.length === 0) return [];
  return [
    '## Scores',
    ...metrics.flatMap(({ split, rows }) => [`On the ${split} set:`, table(scoreCells(rows))]),
    task === 'generation'
      ? 'In brackets: 95 % bootstrap intervals over the examples. ROUGE, F1 and exact match go from 0 to 1, BLEU and chrF ' +
        'from 0 to 100; the lower the perplexity, the better.'
      : 'In brackets: 95 % bootstrap intervals over the examples. Ties count as mistakes. NLL is in nats; ECE is the ' +
        'expected calibration error.',
  ];
}

function use({ task, placement, baseModel, learned }: SavedPrompt): string[] {
  const ours = ['## How to use it', fenced('sh', COMMANDS[task])];
  if (placement === 'elsewhere') {
    return [
      ...ours,
      'PEFT loads this folder, but can only put learned tokens in front of the text. Here they stand elsewhere, so PEFT ' +
        'does not give the predictions and scores above.',
    ];
  }
  if (METHODS[learned.method].peft === undefined) return ours;
  return [
    ...ours,
    METHODS[learned.method].tokens === 'none'
      ? 'PEFT loads it too:'
      : 'PEFT loads it too, and puts the learned tokens in front of what it is given, which is the rest of the template:',
    ...fromPretrained(baseModel),
  ];
}

const DOES = {
  classification: 'classify texts',
  titles: 'recommend items by their titles',
  generation: 'answer with a text',
} as const;

const COMMANDS = {
  classification: 'npx softprompt predict FOLDER "a text"',
  titles: 'npx softprompt recommend words --prompt FOLDER --items items.csv --history A,B,C',
  generation: 'npx softprompt generate FOLDER "a text"',
} as const;

function fromPretrained(baseModel: BaseModel): string[] {
  const auto = baseModel.masked
    ? 'AutoModelForMaskedLM'
    : baseModel.encoderDecoder
      ? 'AutoModelForSeq2SeqLM'
      : 'AutoModelForCausalLM';
  const { name, revision, ggufFile, place } = loadableModel(baseModel);
  const given = [
    JSON.stringify(place === 'package' ? `node_modules/softprompt/${EMBEDDED_MODEL_PATH}` : name),
    ...(revision === undefined ? [] : [`revision=${JSON.stringify(revision)}`]),
    ...(ggufFile === undefined ? [] : [`gguf_file=${JSON.stringify(ggufFile)}`]),
  ];
  const elsewhere =
    '(and write it into `base_model_name_or_path` of `adapter_config.json`, if PEFT is to find the model by itself).';
  const notes = [
    ...(place === 'package'
      ? [
          'The frozen model comes with the npm package `softprompt`, in whose folder it lies; `base_model_name_or_path` of ' +
            '`adapter_config.json` is where it lay when the prompt was tuned.',
        ]
      : []),
    ...(place === 'this machine'
      ? [
          'The path here is of the machine that the prompt was tuned on; elsewhere give the place of the same model ' +
            elsewhere,
        ]
      : []),
    ...(ggufFile === undefined
      ? []
      : [
          'The weights are a GGUF file, which `adapter_config.json` has no place for: `gguf_file` must be given, to ' +
            '`AutoPeftModelForCausalLM.from_pretrained` too.',
        ]),
  ];
  const python = [
    'from peft import PeftModel',
    `from transformers import ${auto}`,
    '',
    `base = ${auto}.from_pretrained(${given.join(', ')})`,
    'model = PeftModel.from_pretrained(base, "FOLDER")',
  ];
  return [fenced('python', python.join('\n')), ...notes];
}

function limits({ baseModel, learned }: SavedPrompt): string[] {
  return [
    '## Limits',
    [
      `- It fits these weights alone: sha256 \`${baseModel.hash}\`.`,
      '- What was measured holds for texts and labels like those it was tuned and tested on.',
      '- It inherits the biases of the language model, and may add those of the training labels.',
      ...(learned.method === 'soft'
        ? ['- Learned tokens are no words: the vocabulary words nearest to them do not explain them.']
        : []),
    ].join('\n'),
  ];
}

function modelName(baseModel: BaseModel): string {
  const { name, ggufFile, place } = loadableModel(baseModel);
  if (place === 'hub') return name;
  return ggufFile ?? basename(baseModel.source);
}

function table([heading, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading!), line(heading!.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Inline code with its spaces and line breaks visible, whatever it holds. */
function code(text: string): string {
  const quoted = JSON.stringify(text);
  const fence = '`'.repeat(1 + longestRun(quoted));
  return `${fence}${quoted}${fence}`;
}

function fenced(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, 1 + longestRun(text)));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Length of the longest run of backticks. */
function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
