import { SoftpromptError } from '../errors.js';
import { type Closable, closable } from '../runtime/closable.js';
import type { ProgramOptions } from '../runtime/program.js';
import { type KeptSearch, readSearchIndex, writeSearchIndex } from './folder/search-index-file.js';
import { historyOfUser } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';
import { queryEncoder } from './sequential/sasrec-queries.js';
import { type ApproximateSearch, recallAgainstExact } from './serving/approximate-search.js';
import { buildInvertedFile } from './serving/inverted-file.js';

export interface ApproximateOptions extends ProgramOptions {
  /** Share of exact search's best 10 that must be found, measured on users of the recommender. Default: 0.95. */
  readonly recall?: number | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** An approximate search with what it finds. */
export interface TunedSearch extends ApproximateSearch, Closable {
  /** Recall@10 against exact search. */
  readonly recall: number;
}

const RECALL = 0.95;
const K = 10;
/** Users that recall is measured on. */
const MEASURED_USERS = 200;

/**
 * An approximate search over the catalogue: an inverted file, of which as few cells are looked into as give the recall.
 * It is kept in the recommender's folder, where that can be written.
 * @throws RECOMMEND_OPTION; errors: GRAPH_RUN
 */
export async function openApproximate(open: OpenRecommender, options: ApproximateOptions = {}): Promise<TunedSearch> {
  const { recall: wanted = RECALL, onNote } = options;
  if (!(wanted > 0 && wanted <= 1)) {
    throw new SoftpromptError('RECOMMEND_OPTION', {
      found: `The recall of approximate search is ${wanted}`,
      expected: 'a share above 0, at most 1',
      fix: 'Correct it, or leave it out.',
    });
  }
  const { network, vectors } = open.served;
  const encoder = await queryEncoder(network, options);
  try {
    let kept = await readSearchIndex(open.folder, vectors);
    if (kept === undefined || kept.recall < wanted) {
      kept = await tune(open, { ...(kept?.index && { index: kept.index }), encoder, wanted }, options);
      const keep = open.grown === undefined; // else it would replace that of the fit's own items
      if (keep) {
        await writeSearchIndex(open.folder, vectors, kept).catch((error) =>
          onNote?.(`the index could not be kept: ${error instanceof Error ? error.message : error}`),
        );
      }
    }
    const { index, probes, recall } = kept;
    onNote?.(
      `approximate search: ${probes} of ${index.offsets.length - 1} cells; recall@${K} against exact search ${recall.toFixed(3)}`,
    );
    return { index, probes, recall, encoder, ...closable(() => encoder.release()) };
  } catch (error) {
    await encoder.release();
    throw error;
  }
}

/** Doubles the cells that are looked into until the recall is reached. */
async function tune(
  open: OpenRecommender,
  given: {
    readonly index?: KeptSearch['index'];
    readonly encoder: ApproximateSearch['encoder'];
    readonly wanted: number;
  },
  options: ApproximateOptions,
): Promise<KeptSearch> {
  const { served, saved } = open;
  const { onProgress, threads } = options;
  const index =
    given.index ??
    (await buildInvertedFile(served.vectors, served.network.shape.width, served.known, {
      threads,
      ...(onProgress && { onProgress }),
    }));
  const cells = index.offsets.length - 1;
  const step = Math.max(1, Math.floor(saved.users.length / MEASURED_USERS));
  const requests = Array.from({ length: Math.min(saved.users.length, MEASURED_USERS) }, (_, i) => ({
    user: i * step,
    history: historyOfUser(open, i * step),
  })).filter(({ history }) => history.length > 0);
  let probes = Math.max(1, Math.round(cells / 64));
  for (;;) {
    const recall = await recallAgainstExact(served, { index, probes, encoder: given.encoder }, requests, K);
    if (recall >= given.wanted || probes >= cells) return { index, probes, recall };
    probes = Math.min(2 * probes, cells);
  }
}
