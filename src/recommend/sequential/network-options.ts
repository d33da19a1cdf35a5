import {
  choice,
  count,
  endless,
  fromZero,
  positive,
  shareBelowOne,
  toggle,
  whole,
  wordOr,
} from '../../options/kind.js';
import { declareOptions } from '../../options/option.js';
import { DECAYS } from '../../training/schedule.js';
import { ENCODERS, SASREC_DEFAULTS as usual } from './sasrec-options.js';

/** What people and programs can say of the sequence network and its training; see SasRecOptions for what each means. */
export const NETWORK = declareOptions({
  encoder: {
    kind: choice('<kind>', ENCODERS),
    about:
      "what makes a query of a history: learned layers, the frozen model's first, recurrent units (gru), or layers that tell masked items",
    default: usual.encoder,
  },
  layers: { kind: count(128), about: 'layers of the encoder', flag: 'encoder-layers', default: usual.layers },
  taskTokens: {
    kind: whole(0, 4096),
    about: 'learned tokens in front of a history, of the frozen encoder',
    flag: 'task-prompt',
    default: usual.taskTokens,
  },
  epochs: {
    kind: wordOr('auto', count()),
    about: 'passes over the interactions at most',
    auto: '20 to 150, about 9000 updates',
    default: usual.epochs,
  },
  epochUpdates: {
    kind: endless(count()),
    about: 'updates of an epoch at most: of more users each epoch shows a part',
    auto: 'all users',
    default: usual.epochUpdates,
  },
  patience: {
    kind: endless(count()),
    about: 'epochs without improvement after which to stop',
    default: usual.patience,
  },
  batchSize: { kind: count(), about: 'users an update', default: usual.batchSize },
  width: {
    kind: wordOr('auto', count(4096)),
    about: 'numbers an item has in the network',
    auto: '64, or 128 for more than 500,000 interactions',
    default: usual.width,
  },
  maxLength: {
    kind: count(100_000),
    about: 'latest items of a history that count',
    flag: 'max-history',
    auto: '200, or what a frozen encoder has room for',
  },
  dropout: { kind: shareBelowOne, about: 'share of numbers dropped in training', default: usual.dropout },
  labelSmoothing: {
    kind: shareBelowOne,
    about: 'of a target, spread over all items',
    default: usual.labelSmoothing,
  },
  itemVectors: { kind: toggle, about: 'items are known by their texts alone', default: usual.itemVectors },
  fullSoftmaxUpTo: {
    kind: whole(0),
    about: 'larger catalogues are sampled in training',
    default: usual.fullSoftmaxUpTo,
  },
  sampledCandidates: {
    kind: count(),
    about: '… with so many items beside the targets',
    default: usual.sampledCandidates,
  },
  learningRate: { kind: positive('<rate>'), about: 'learning rate', flag: 'lr', default: usual.learningRate },
  heads: { kind: count(1024), about: 'attention heads', flag: null, default: usual.heads },
  itemFade: {
    kind: fromZero(),
    about: "training interactions at which an item's own vector counts half",
    flag: null,
    default: usual.itemFade,
  },
  itemDropout: {
    kind: shareBelowOne,
    about: 'share of items whose own vectors are left out in an update',
    flag: null,
    default: usual.itemDropout,
  },
  userDropout: {
    kind: shareBelowOne,
    about: 'share of users whose attributes are left out in an update',
    flag: null,
    default: usual.userDropout,
  },
  warmUp: {
    kind: shareBelowOne,
    about: 'share of the updates in which the rate rises',
    flag: null,
    default: usual.warmUp,
  },
  decay: { kind: choice('<kind>', DECAYS), about: 'how the rate falls', flag: null, default: usual.decay },
  beta1: { kind: shareBelowOne, about: "AdamW's first decay", flag: null, default: usual.beta1 },
  beta2: { kind: shareBelowOne, about: "AdamW's second decay", flag: null, default: usual.beta2 },
  epsilon: { kind: positive(), about: "AdamW's epsilon", flag: null, default: usual.epsilon },
  weightDecay: { kind: fromZero(), about: "AdamW's decoupled weight decay", flag: null, default: usual.weightDecay },
  clipNorm: { kind: endless(positive()), about: 'longest gradient', flag: null, default: usual.clipNorm },
});
