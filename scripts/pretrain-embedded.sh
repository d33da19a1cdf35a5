#!/usr/bin/env bash
# Makes models/bilingual-6m again: bash scripts/pretrain-embedded.sh CORPORA NLTK WORK
#   CORPORA  en_wiki.txt.gz, zh_wiki.txt.gz, en_standardebooks.txt.gz: a paragraph a line, a blank line between documents
#   NLTK     movie_reviews.zip, product_reviews_1.zip, product_reviews_2.zip, pros_cons.zip, opinion_lexicon.zip,
#            sentence_polarity.zip (only to leave its sentences out)
#   WORK     an empty folder outside the checkout
# Written down after the fact and not yet run as a whole. Some five hours on two cores. A phase that was interrupted goes on
# when this is run again. Each phase starts from the one before: general text first, then more and more opinions with their
# verdicts. The phases of the model in models/ ended near the steps named here, phases 3 to 5 before their rate had fallen to
# 0; phases 6 to 8 had the first 3,814 English and 4,736 Chinese lines of scripts/opinions alone. Phases 9 and 10 weigh verdicts.
set -euo pipefail
corpora=$1 nltk=$2 work=$3
cd "$(dirname "$0")/.."
softprompt() { node dist/src/cli/main.js "$@"; }

python3 scripts/opinion-texts.py "$nltk" "$work/opinions.txt" "$work/films.txt"
node scripts/chinese-opinions.mjs "$work/zh-0.txt" --seed 0 --characters 3000000 --avoid samples/sentiment-zh/valid.jsonl --avoid samples/sentiment-zh/test.jsonl
node scripts/chinese-opinions.mjs "$work/zh-1.txt" --seed 1 --characters 3000000 --avoid samples/sentiment-zh/valid.jsonl --avoid samples/sentiment-zh/test.jsonl
python3 scripts/dense-opinions.py "$work/opinions.txt" "$work/zh-0.txt" "$work/zh-1.txt" "$work/dense-en.txt" "$work/dense-zh.txt"
python3 scripts/written-opinions.py en "$work/written-en.txt" samples/sentence-polarity/{train,valid,test}.tsv
python3 scripts/written-opinions.py zh "$work/written-zh.txt" samples/sentiment-zh/{train,valid,test}.jsonl

# phase NUMBER STEPS RATE DECAY LENGTH BATCH_TOKENS, then shares: English wiki, Chinese wiki, books, further --data
phase() {
  local number=$1 steps=$2 rate=$3 decay=$4 length=$5 batch=$6 en=$7 zh=$8 books=$9
  shift 9
  local start=(--init "$work/phase$((number - 1))")
  if [ "$number" = 1 ]; then start=(--layers 5); fi
  softprompt pretrain "${start[@]}" --out "$work/phase$number" --max-steps "$steps" --lr "$rate" --decay "$decay" --length "$length" \
    --batch-tokens "$batch" --warm-up 0.03 --evaluate-every 150 \
    --data "en=$corpora/en_wiki.txt.gz:$en" --data "zh=$corpora/zh_wiki.txt.gz:$zh" --data "en=$corpora/en_standardebooks.txt.gz:$books" "$@"
}

phase 1 600 0.002 constant 128 2048 0.9 2.2 0.5 --data "en=$work/opinions.txt:0.8"
phase 2 1350 0.002 constant 128 2048 0.7 1.2 0.3 --data "en=$work/opinions.txt:1.6" --data "zh=$work/zh-0.txt:0.9"
phase 3 1650 0.0015 linear 128 1024 0.4 0.7 0.2 --data "en=$work/opinions.txt:2.2" --data "zh=$work/zh-0.txt:0.6" --data "zh=$work/zh-1.txt:0.6"
phase 4 1800 0.0015 linear 128 1024 0.15 0.35 0.1 --data "en=$work/opinions.txt:0.3" --data "en=$work/dense-en.txt:1" --data "zh=$work/dense-zh.txt:0.8"
phase 5 1950 0.001 linear 512 1024 0.2 0.45 0.1 --data "en=$work/films.txt:0.9" --data "en=$work/dense-en.txt:0.35" --data "zh=$work/dense-zh.txt:0.7"
phase 6 1680 0.0009 linear 512 1024 0.2 0.4 0.1 --data "en=$work/films.txt:0.6" --data "en=$work/dense-en.txt:0.2" --data "en=$work/written-en.txt:0.45" \
  --data "zh=$work/dense-zh.txt:0.4" --data "zh=$work/written-zh.txt:0.55"
phase 7 1250 0.0009 linear 512 1024 0.15 0.3 0.05 --data "en=$work/films.txt:0.6" --data "en=$work/dense-en.txt:0.15" --data "en=$work/written-en.txt:0.5" \
  --data "zh=$work/dense-zh.txt:0.3" --data "zh=$work/written-zh.txt:0.85"

# The training sentences of the sample, without their labels.
tail -n +2 samples/sentence-polarity/train.tsv | cut -f 1 | awk '{ print } NR % 30 == 0 { print "" }' > "$work/sentences-en.txt"
phase 8 1082 0.0012 constant 256 2048 0.5 1.1 0.2 --data "en=$work/films.txt:0.5" --data "en=$work/dense-en.txt:0.2" --data "en=$work/written-en.txt:0.3" \
  --data "en=$work/sentences-en.txt:0.3" --data "zh=$work/dense-zh.txt:0.4" --data "zh=$work/written-zh.txt:0.4"
phase 9 10000 0.0012 linear 256 1024 0.8 1.3 0.4 --data "en=$work/films.txt:1" --data "en=$work/dense-en.txt:0.5" --data "en=$work/written-en.txt:2.5" \
  --data "en=$work/sentences-en.txt:0.3" --data "zh=$work/dense-zh.txt:0.7" --data "zh=$work/written-zh.txt:2.5" \
  --cue " Verdict:" --cue 评价： --cue 情感： --cue 该文本表达了 --cue-weight 8
# mostly Chinese prose, which the model was worst at
phase 10 18000 0.0015 linear 256 1024 0.5 3.6 0.2 --data "en=$work/films.txt:0.4" --data "en=$work/dense-en.txt:0.1" --data "en=$work/written-en.txt:0.8" \
  --data "en=$work/sentences-en.txt:0.1" --data "zh=$work/dense-zh.txt:0.3" --data "zh=$work/written-zh.txt:0.8" \
  --cue " Verdict:" --cue 评价： --cue 情感： --cue 该文本表达了 --cue-weight 8
