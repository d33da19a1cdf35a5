/** What a template makes of an example. */
export { compileTemplate } from '../prompt/compile-template.js';
export { describeSequence } from '../prompt/describe-sequence.js';
export { parseLabels } from '../prompt/labels.js';
export { parseTemplate } from '../prompt/parse-template.js';
export { asLearnedToken } from '../prompt/sequence.js';
export { withoutLearned } from '../prompt/without-learned.js';
