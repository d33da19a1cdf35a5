import type { Catalogue } from '../catalogue.js';
import { CLI } from './cli.js';
import { DATA } from './data.js';
import { DATA_INTERACTIONS } from './data-interactions.js';
import { DATA_TIMES } from './data-times.js';
import { EVALUATION } from './evaluation.js';
import { FEW_ROWS } from './few-rows.js';
import { FINDING_PROMPTS } from './finding-prompts.js';
import { GROUND } from './ground.js';
import { HELP } from './help.js';
import { HUB } from './hub.js';
import { METHODS } from './methods.js';
import { NETWORK } from './network.js';
import { PRETRAINING } from './pretraining.js';
import { PROMPT } from './prompt.js';
import { QUEUE } from './queue.js';
import { RECOMMEND } from './recommend.js';
import { RECOMMEND_EXPLANATIONS } from './recommend-explanations.js';
import { RECOMMEND_FOLDERS } from './recommend-folders.js';
import { RECOMMEND_LEARNING } from './recommend-learning.js';
import { RECOMMEND_PEOPLE } from './recommend-people.js';
import { RECOMMEND_SERVING } from './recommend-serving.js';
import { REPORT } from './report.js';
import { TASKS } from './tasks.js';
import { TASKS_FOLDERS } from './tasks-folders.js';
import { TOKENIZER } from './tokenizer.js';
import { WEIGHTS } from './weights.js';
import { WORDS } from './words.js';

/** Every message in Chinese, by the rooms that tell them; what several tell stands where it is told first. */
export const CHINESE: readonly Catalogue[] = [
  CLI,
  DATA,
  DATA_INTERACTIONS,
  DATA_TIMES,
  EVALUATION,
  FEW_ROWS,
  FINDING_PROMPTS,
  GROUND,
  HELP,
  HUB,
  METHODS,
  NETWORK,
  PRETRAINING,
  PROMPT,
  QUEUE,
  RECOMMEND,
  RECOMMEND_EXPLANATIONS,
  RECOMMEND_FOLDERS,
  RECOMMEND_LEARNING,
  RECOMMEND_PEOPLE,
  RECOMMEND_SERVING,
  REPORT,
  TASKS,
  TASKS_FOLDERS,
  TOKENIZER,
  WEIGHTS,
  WORDS,
];
