/** Writes the tokenizer that `trained_tokenizer_fixture.py` hands to Hugging Face's library. */
import { readFileSync, writeFileSync } from 'node:fs';
import { countPieces, trainBytePairs } from '../src/tokenizer/train-byte-pairs.js';

const strings: string[] = JSON.parse(readFileSync('test/fixtures/tokenizer/strings.json', 'utf8'));
const counts = new Map<string, number>();
for (const text of strings) countPieces(text, counts);
writeFileSync(process.argv[2]!, JSON.stringify(trainBytePairs(counts, 1500, ['<|endoftext|>'])));
