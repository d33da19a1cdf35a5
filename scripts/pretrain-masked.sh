#!/usr/bin/env bash
# Makes the masked model of docs/pretraining.md: bash scripts/pretrain-masked.sh CORPORA WORK
#   CORPORA  zh_wiki.txt.gz: a paragraph a line, a blank line between documents
#   WORK     an empty folder outside the checkout; the model is WORK/masked3
# Then `node dist/bench/masked-sentiment.js WORK/masked3`. Written down after the fact and not yet run as a whole.
set -euo pipefail
corpora=$1 work=$2
cd "$(dirname "$0")/.."

for seed in 0 1; do
  node scripts/chinese-opinions.mjs "$work/zh-$seed.txt" --seed "$seed" --characters 3000000 --avoid samples/sentiment-zh/valid.jsonl --avoid samples/sentiment-zh/test.jsonl
done
python3 scripts/written-opinions.py zh "$work/written-zh.txt" samples/sentiment-zh/{train,valid,test}.jsonl

# phase NUMBER STEPS WIKI WRITTEN, then further flags
phase() {
  local number=$1 steps=$2 wiki=$3 written=$4
  shift 4
  node dist/src/cli/main.js pretrain --out "$work/masked$number" --max-steps "$steps" --length 64 --batch-tokens 1024 --mask-share 0.2 --lr 0.001 \
    --evaluate-every 100 --valid-tokens 6400 --threads 1 --data "zh=$corpora/zh_wiki.txt.gz:$wiki" --data "zh=$work/zh-0.txt:0.5" \
    --data "zh=$work/zh-1.txt:0.5" --data "zh=$work/written-zh.txt:$written" "$@"
}

phase 1 3000 1.2 0.8 --family bert --tokenizer models/bilingual-6m/tokenizer.json --width 192 --layers 4 --context 192 --warm-up 0.05
phase 2 2200 0.3 1.5 --init "$work/masked1" --warm-up 0.03
phase 3 1500 0.3 1.5 --init "$work/masked2" --warm-up 0.03 --cue 评价： --cue 情感： --cue 该文本表达了 --cue 我的评价是： --cue-weight 8
