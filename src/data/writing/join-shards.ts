import { createReadStream, createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { replaceFileAtomically } from '../../files/atomic-file.js';
import { openDuckDB, textLiteral } from '../duckdb-rows.js';
import { type OutputFormat, orUnwritable } from './output-table.js';

const LINE_END = 10;

/** Makes one table of tables with the same columns, in their order. @throws DATA_UNWRITABLE, DUCKDB_UNAVAILABLE */
export async function joinTables(files: readonly string[], out: string, format: OutputFormat): Promise<void> {
  const join = format === 'parquet' ? joinParquet : (temporary: string) => joinText(files, temporary, format);
  await orUnwritable(out, () => replaceFileAtomically(out, (temporary) => join(temporary)));

  async function joinParquet(temporary: string): Promise<void> {
    const { connection, close } = await openDuckDB();
    try {
      const list = files.map((file) => textLiteral(resolve(file))).join(', ');
      const source = `read_parquet(${[`[${list}]`, 'hive_partitioning=false'].join()})`;
      await connection.run(`COPY (SELECT * FROM ${source}) TO ${textLiteral(resolve(temporary))} (FORMAT parquet)`);
    } finally {
      close();
    }
  }
}

async function joinText(files: readonly string[], out: string, format: OutputFormat): Promise<void> {
  const hasHeading = format !== 'jsonl';
  await pipeline(async function* () {
    for (const [number, file] of files.entries()) {
      let inHeading = hasHeading && number > 0;
      for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
        const end = inHeading ? chunk.indexOf(LINE_END) : -1;
        if (inHeading && end === -1) continue;
        yield inHeading ? chunk.subarray(end + 1) : chunk;
        inHeading = false;
      }
    }
  }, createWriteStream(out));
}
