import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';

/** The machine a result was measured on; stands in every result file. */
export function machine(): Record<string, string | number> {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    onnxruntime: JSON.parse(readFileSync('node_modules/onnxruntime-node/package.json', 'utf8')).version,
    date: new Date().toISOString().slice(0, 10),
  };
}

export function writeResult(path: string, result: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`written: ${path}`);
}

/** The lines under a key of a result file, of earlier runs; none where there is no file. */
export function keptLines<Line>(path: string, key: string): Line[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8'))[key] as Line[]) : [];
}

/** Runs a command and gives the last line of its output as JSON. */
export function lastJson(command: string, args: readonly string[]): Record<string, unknown> {
  const output = execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(output.trimEnd().split('\n').at(-1)!) as Record<string, unknown>;
}
