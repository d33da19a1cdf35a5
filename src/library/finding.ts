/** Which prompt, which words, which method, which source: from files to folders, as the command line does it. */

export {
  type CompareEvent,
  type CompareHooks,
  type CompareResult,
  compareMethods,
  resumeComparison,
} from '../tasks/comparison/compare-methods.js';
export type { CompareOptions } from '../tasks/comparison/compare-options.js';
export type { DesignOptions } from '../tasks/design/design-options.js';
export {
  type DesignEvent,
  type DesignHooks,
  type DesignResult,
  designPrompt,
  resumeDesign,
} from '../tasks/design/design-prompt.js';
export type { SearchOptions } from '../tasks/prompt-search/search-options.js';
export {
  resumeSearch,
  type SearchHooks,
  type SearchPromptEvent,
  type SearchResult,
  searchPrompt,
} from '../tasks/prompt-search/search-prompt.js';
export type { ShortenOptions } from '../tasks/shorten/shorten-options.js';
export {
  resumeShortening,
  type ShortenEvent,
  type ShortenHooks,
  type ShortenResult,
  shortenPrompt,
} from '../tasks/shorten/shorten-prompt.js';
export type { TransferOptions } from '../tasks/transfer/transfer-options.js';
export {
  resumeTransfer,
  type TransferEvent,
  type TransferHooks,
  type TransferResult,
  transferPrompts,
} from '../tasks/transfer/transfer-prompts.js';
