/** `softprompt/data`: tables of any format, examples, splits, simulated readers, public data sets. */

export { describeOverlap, findDuplicates, type SplitOverlap, withoutDuplicates } from '../data/duplicates.js';
export type { Example } from '../data/example.js';
export { type ExampleOptions, findEmptyTexts, loadExamples } from '../data/load-examples.js';
export { readTable, TABLE_FORMATS, type TableFormat, type TableOptions } from '../data/read-table.js';
export type { Cell, RowSource } from '../data/row-source.js';
export { tableRows } from '../data/row-source.js';
export { sampleShots } from '../data/sample-shots.js';
export { type CatalogueBook, readBookCatalogue } from '../data/simulation/book-catalogue.js';
export {
  type SimulatedInteraction,
  type SimulatedReader,
  type Simulation,
  simulateReaders,
} from '../data/simulation/simulate-readers.js';
export { SIMULATION_DEFAULTS, type SimulationSettings } from '../data/simulation/simulation-settings.js';
export { writeSimulation } from '../data/simulation/write-simulation.js';
export { type SplitOptions, type Splits, splitExamples } from '../data/split-examples.js';
export type { TableRow } from '../data/table-row.js';
export type { DataSet } from '../hub/data-sets/data-set.js';
export { DATA_SETS, dataSetNamed } from '../hub/data-sets/data-sets.js';
export { type FetchHooks, type FetchResult, fetchData } from '../hub/data-sets/fetch-data.js';
export type { FetchOptions } from '../hub/data-sets/fetch-options.js';
