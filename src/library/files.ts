/** From files to folders, as the command line does it. */
export { pretrainModel, resumePretraining } from '../pretraining/pretrain-model.js';
export { type ReportOptions, writeReport } from '../report/write-report.js';
export type { TuneResult } from '../tasks/tune-events.js';
export { resumeTuning, tunePrompt } from '../tasks/tune-prompt.js';
