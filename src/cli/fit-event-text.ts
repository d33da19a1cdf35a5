import type { ChoiceName } from '../recommend/choices.js';
import type { FitEvent } from '../recommend/fit-events.js';
import { marked } from './learning-curve.js';
import type { Output } from './output.js';
import { signed } from './ranking-text.js';

/** As the tables of figures name them. */
const ITEM_ITEM_NAMES = { ease: 'EASE', easeTexts: 'EASE with texts', itemKnn: 'ItemKNN' } as const;

const NEW_ITEMS_WAIT =
  'items that come later then wait for a refit; with --text always they are recommended at once, by their texts';

const CHOICE_NAMES: Readonly<Record<ChoiceName, string>> = {
  idsAlone: 'ids alone, without the texts',
  userTokens: "users' tokens",
  ease: 'EASE mixed in',
  easeTexts: 'EASE with texts mixed in',
  itemKnn: 'ItemKNN mixed in',
  likeness: 'likeness of texts to those of the latest items',
  trend: 'what is popular lately',
  borrowedVotes: 'votes borrowed for items that nobody met',
  wordVotes: 'what their words say for items that nobody met',
};

const curveOf = (name: string) => ({ name, unit: 'epochs', score: 'NDCG@10', format: four }) as const;
const four = (score: number) => score.toFixed(4);
const seen = ({ epoch, trainLoss, validation, best }: SeenEpoch) =>
  ({ at: epoch, loss: trainLoss, score: validation, best }) as const;

type SeenEpoch = Extract<FitEvent, { readonly event: 'epoch' | 'reading-epoch' }>;

/** Tells people what a fit, or the training of a baseline, is at. */
export function sayFitEvent(event: FitEvent, output: Output): void {
  switch (event.event) {
    case 'note':
      output.say(`Note    ${event.text}`);
      break;
    case 'stage':
      output.endCurve();
      output.say(`        ${event.text} …`);
      break;
    case 'model':
      output.say(`Model   ${event.source} (${event.layers} layers, ${event.width} wide), frozen`);
      break;
    case 'data':
      output.say(`Data    ${event.users} users, ${event.items} items, ${event.interactions} interactions`);
      output.say(`Split   ${event.protocol}`);
      break;
    case 'reading':
      output.progress('reading the items', event.done, event.all);
      break;
    case 'reading-epoch':
      output.learned(
        curveOf('to read the items'),
        event.epochs,
        seen(event),
        marked(
          `Reading ${String(event.epoch).padStart(2)} of ${event.epochs}   loss ${event.trainLoss.toFixed(3)}   held-out items NDCG@10 ${event.validation.toFixed(4)}`,
          event.best,
        ),
      );
      break;
    case 'epoch':
      output.learned(
        curveOf(event.network),
        event.epochs,
        seen(event),
        marked(
          `Epoch ${String(event.epoch).padStart(4)}   ${event.network}   loss ${event.trainLoss.toFixed(3)}   validation NDCG@10 ${event.validation.toFixed(4)}`,
          event.best,
        ),
      );
      break;
    case 'refit':
      output.learned(
        { ...curveOf('from all interactions'), score: undefined },
        event.epochs,
        { at: event.epoch, loss: event.trainLoss },
        `Epoch ${String(event.epoch).padStart(4)}   of ${event.epochs} on all interactions   loss ${event.trainLoss.toFixed(3)}`,
      );
      break;
    case 'mixture':
      output.endCurve();
      output.say(
        `Mixture ${ITEM_ITEM_NAMES[event.itemItem]} alone ${event.itemItemNdcg.toFixed(4)}, with the network ${event.validNdcg.toFixed(4)} (weight ${event.weight})`,
      );
      break;
    case 'choice':
      output.endCurve();
      output.say(
        `Choice  ${CHOICE_NAMES[event.choice]}: ${signed(event.gain)} ± ${event.standardError.toFixed(4)} in validation, ${event.kept ? 'kept' : 'left out'}`,
      );
      if (event.choice === 'idsAlone' && event.kept) output.note(NEW_ITEMS_WAIT);
      break;
  }
}
