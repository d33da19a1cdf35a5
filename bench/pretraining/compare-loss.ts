import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainCharacterTrigrams } from '../../src/evaluation/character-trigrams.js';
import { loadModel } from '../../src/network/load-model.js';
import { type SplitText, splitTexts } from '../../src/pretraining/pretraining-text.js';
import { writeRandomTwin } from '../random-twin.js';
import { documentNats } from './document-loss.js';

export interface LossComparison {
  /** Folder of a model that `softprompt pretrain` wrote. */
  readonly model: string;
  /** As `softprompt pretrain --data` has them. */
  readonly data: readonly string[];
  /** As it was trained with: which documents validate follows from it. */
  readonly validShare: number;
  /** Characters of each language that are predicted, at most; whole documents. */
  readonly characters: number;
  /** Characters of each language that the trigram model learns from, at most. */
  readonly trigramCharacters: number;
  /** A peer, measured on one language. */
  readonly peer?: { readonly name: string; readonly source: string; readonly language: string } | undefined;
  readonly cacheFolder?: string | undefined;
  readonly say?: ((text: string) => void) | undefined;
}

export interface LanguageLoss {
  readonly language: string;
  readonly documents: number;
  /** Code points. */
  readonly characters: number;
  readonly natsPerCharacter: Readonly<Record<string, number>>;
  readonly tokens: Readonly<Record<string, number>>;
  readonly trigram: { readonly documents: number; readonly characters: number; readonly strengths: readonly number[] };
}

/** Nats a character on the same validation documents: the model, its random twin, a trigram model, a peer. */
export async function compareLoss(comparison: LossComparison): Promise<LanguageLoss[]> {
  const { say = () => {}, cacheFolder, peer } = comparison;
  const texts = await splitTexts(comparison, comparison.validShare, 0);
  const scratch = mkdtempSync(join(tmpdir(), 'softprompt-twin-'));
  try {
    await writeRandomTwin(comparison.model, scratch, { seed: 0, cacheFolder });
    const results: LanguageLoss[] = [];
    for (const language of new Set(texts.map((text) => text.language))) {
      const own = texts.filter((text) => text.language === language);
      const valid = upTo(own, comparison.characters, (text) => text.valid);
      const characters = valid.reduce((sum, document) => sum + [...document].length, 0);
      say(`${language}: ${valid.length} documents, ${characters} characters`);
      const models = [
        { name: 'model', source: comparison.model },
        { name: 'random twin', source: scratch },
        ...(peer?.language === language ? [peer] : []),
      ];
      const natsPerCharacter: Record<string, number> = {};
      const tokens: Record<string, number> = {};
      const tell = (name: string) => say(`${language}: ${name} ${natsPerCharacter[name]!.toFixed(4)} nats a character`);
      for (const { name, source } of models) {
        const model = await loadModel(source, { cacheFolder });
        const measured = await documentNats(model, valid);
        natsPerCharacter[name] = measured.nats / characters;
        tokens[name] = measured.tokens;
        tell(name);
      }
      const train = upTo(own, comparison.trigramCharacters, (text) => text.train);
      const trigrams = trainCharacterTrigrams(train);
      natsPerCharacter['character trigrams'] = valid.reduce((sum, text) => sum + trigrams.nats(text), 0) / characters;
      tell('character trigrams');
      const read = train.reduce((sum, { length }) => sum + length, 0);
      const trigram = { documents: train.length, characters: read, strengths: trigrams.strengths };
      results.push({ language, documents: valid.length, characters, natsPerCharacter, tokens, trigram });
    }
    return results;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The first documents of the texts, each text with its share, up to so many characters. */
function upTo(texts: readonly SplitText[], limit: number, of: (text: SplitText) => readonly string[]): string[] {
  const shares = texts.reduce((sum, { share }) => sum + share, 0);
  return texts.flatMap((text) => {
    let left = (limit * text.share) / shares;
    return of(text).filter((document) => {
      const taken = left > 0;
      left -= document.length;
      return taken;
    });
  });
}
