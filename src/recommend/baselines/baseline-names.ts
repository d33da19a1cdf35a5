/** Baselines whose settings are searched. */
export const TUNED_BASELINES = ['popularity', 'recentPopularity', 'itemKnn', 'ease', 'easeTexts', 'ials'] as const;
export type BaselineName = (typeof TUNED_BASELINES)[number];

/** Baselines that are trained, each once with the options of the recommender's network, its best epoch by validation. */
export const NETWORK_BASELINES = ['bpr', 'gru4rec', 'bert4rec', 'sasrec', 'sasrecTexts'] as const;
export type NetworkBaselineName = (typeof NETWORK_BASELINES)[number];
