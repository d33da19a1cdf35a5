import { alignColumns } from '../../evaluation/score-table.js';
import type { DecisionExplanation, DecisionPiece, DecisionSummary } from './inspect-decision.js';
import type { PrefixInspection, PrefixPart } from './inspect-prefix.js';
import type { NamedWord, PromptInspection, TokenInspection } from './inspect-prompt.js';

/** A learned prompt for a terminal: two lines a token, after the yardsticks to read them by. */
export function formatInspection({ tokens, vocabulary }: PromptInspection): string {
  const { words, meanNorm, sampledWords, nearestCosine, nearestDistance } = vocabulary;
  return [
    `${tokens.length} learned tokens beside a vocabulary of ${words} words, whose norm is ${short(meanNorm)} on average.`,
    `Nearest words are given as: word, cosine (Euclidean distance). They can mislead: compare with real words, whose nearest other word is at ${short(nearestCosine)} (${short(nearestDistance)}), the median of ${sampledWords}.`,
    '',
    ...tokens.flatMap((token) => [tokenLine(token, meanNorm), `     near ${token.nearest.map(nearWord).join('   ')}`]),
  ].join('\n');
}

function tokenLine({ token, norm, drift }: TokenInspection, meanNorm: number): string {
  const size = `norm ${short(norm)} (${(norm / meanNorm).toFixed(2)} × a word's)`;
  const head = `${learnedName(token).padEnd(4)} ${size}`;
  if (drift === undefined) return head;
  const from = drift.from === undefined ? 'its start' : quote(drift.from);
  return `${head}, moved ${short(drift.distance)} from ${from} (cosine ${short(drift.cosine)})`;
}

function nearWord({ word, cosine, distance }: NamedWord): string {
  return `${quote(word)} ${short(cosine)} (${short(distance)})`;
}

/** A learned prefix for a terminal: a row a layer. */
export function formatPrefix({ tokens, layers }: PrefixInspection): string {
  const moved = ({ norm, drift }: PrefixPart) =>
    drift === undefined ? [short(norm), '–', '–'] : [short(norm), short(drift.distance), short(drift.cosine)];
  return [
    `A prefix of ${tokens} tokens: learned keys and values in each of ${layers.length} layers. They are no words, so there are none near them; how far they moved from their start says where the prefix works.`,
    '',
    alignColumns([
      ['layer', 'keys', 'moved', 'cosine', 'values', 'moved', 'cosine'],
      ...layers.map(({ keys, values }, layer) => [`${layer}`, ...moved(keys), ...moved(values)]),
    ]),
  ].join('\n');
}

/** One decision for a terminal: the probabilities, then each piece with its attribution as a signed bar. */
export function formatDecision(
  { predicted, right, probabilities, pieces, promptShare }: DecisionExplanation,
  { color = false, width }: { readonly color?: boolean; readonly width?: number } = {},
): string {
  const verdict = right === undefined ? '' : right === predicted ? ', which is right' : `; right is ${right}`;
  const chances = Object.entries(probabilities).map(([label, p]) => `${label} ${percent(p)}`);
  const largest = Math.max(...pieces.map(({ attribution }) => Math.abs(attribution)));
  const rows = pieces.map((piece) => [
    pieceName(piece),
    short(piece.attribution),
    percent(piece.share),
    signedBar(piece.attribution, largest, color),
  ]);
  return [
    `predicted ${predicted}${verdict} (${chances.join(', ')})`,
    `what speaks for ${predicted} (right) and against it (left), gradient × input${learnedPart(promptShare)}`,
    alignColumns([['token', 'nats', 'share', ' '.repeat(2 * HALF_BAR + 1)], ...rows], width),
  ].join('\n');
}

/** What many decisions rest on, for a terminal. */
export function formatDecisionSummary({ examples, promptShare, textShare, tokenShares }: DecisionSummary): string {
  const byShare = tokenShares.map((share, token) => ({ share, token })).sort((a, b) => b.share - a.share);
  return [
    promptShare === undefined
      ? `over ${examples} examples; ${UNSHARED}`
      : `over ${examples} examples: learned tokens ${percent(promptShare)}, text and fixed words ${percent(textShare)} of |gradient × input|`,
    ...(byShare.length === 0
      ? []
      : [
          `learned tokens by share: ${byShare.map(({ share, token }) => `${learnedName(token)} ${percent(share)}`).join('  ')}`,
        ]),
  ].join('\n');
}

/** What acts inside the layers: no share of the input is its. */
const UNSHARED = 'what was learned is no part of the input, so what it adds is not shared out';

function learnedPart(promptShare: number | undefined): string {
  return `; ${promptShare === undefined ? UNSHARED : `learned tokens ${percent(promptShare)}`}`;
}

const HALF_BAR = 16;

function signedBar(value: number, largest: number, color: boolean): string {
  const length = largest === 0 ? 0 : Math.round((Math.abs(value) / largest) * HALF_BAR);
  const space = ' '.repeat(HALF_BAR - length);
  const bar = paint('█'.repeat(length), value < 0 ? 31 : 32, color);
  return value < 0 ? `${space}${bar}│${' '.repeat(HALF_BAR)}` : `${' '.repeat(HALF_BAR)}│${bar}${space}`;
}

/** Text in an ANSI colour: 31 is red, 32 green. */
function paint(text: string, code: 31 | 32, color: boolean): string {
  return color && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
}

function pieceName(piece: DecisionPiece): string {
  return piece.kind === 'learned' ? learnedName(piece.token) : quote(piece.text);
}

function learnedName(token: number): string {
  return `[${token}]`;
}

/** A token's text in quotes, so that its spaces are seen, without characters that would move the cursor. */
function quote(text: string): string {
  const harmless = text.replace(
    /\p{Cc}/gu,
    (c) => `\\x${c.codePointAt(0)!.toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `'${harmless}'`;
}

/** Three significant digits. */
function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
