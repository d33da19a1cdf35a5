import { loadOptional } from '../optional-package.js';

/**
 * DuckDB, 0.1 GB of native code: the only place that loads it.
 * @throws DUCKDB_UNAVAILABLE
 */
export function duckDB(): Promise<typeof import('@duckdb/node-api')> {
  return loadOptional(
    {
      name: '@duckdb/node-api',
      title: 'DuckDB',
      code: 'DUCKDB_UNAVAILABLE',
      purpose: 'for Parquet, SQL and conditions on items',
      flags: '--include=optional', // its native code is an optional package of its own
      platforms: 'Linux with glibc (not Alpine), macOS and Windows',
    },
    () => import('@duckdb/node-api'),
  );
}
