import type { Catalogue } from '../catalogue.js';

export const TOKENIZER: Catalogue = {
  '{0} has no vocabulary': '{0} 没有词表',
  "{0} gives the token '{1}' the id {2}": '{0} 给词元“{1}”的 id 为 {2}',
  'a vocabulary of tokens, each with a whole number from 0 as its id': '词元的词表，每个词元对应一个从 0 起的整数 id',
  '{0} has the merge {1}': '{0} 有合并规则 {1}',
  'pairs of tokens that the vocabulary has': '词表中词元的配对',
  "The normalizer's precompiled_charsmap of {0} is damaged": '{0} 的 normalizer 的 precompiled_charsmap 已损坏',
  'a table of SentencePiece': 'SentencePiece 的表',
  'The chat template of {0} fails: {1}': '{0} 的对话模板运行失败：{1}',
  'one that takes the roles {0}': '能接受角色 {0} 的模板',
  'Leave out what it does not take (--system), or write its marks into the template yourself, without --chat.':
    '请去掉它不接受的内容（--system），或自己把它的标记写进模板，不用 --chat。',
  '{0} is no JSON object': '{0} 不是 JSON 对象',
  'the tokenizer_config.json of the model': '该模型的 tokenizer_config.json',
  'Download it again.': '请重新下载。',
  'tokenizer_config.json names {0}, for which there is no embedding: ordinary text here':
    'tokenizer_config.json 中有 {0}，但没有对应的嵌入：这里当作普通文本',
  "{0} names '{1}' as tokenizer.ggml.pre": '{0} 的 tokenizer.ggml.pre 为“{1}”',
  "Put the model's tokenizer.json beside the file.": '请把模型的 tokenizer.json 放在该文件旁边。',
  'the GGUF file': 'GGUF 文件',
  '{0} names no tokenizer.ggml.model': '{0} 没有写明 tokenizer.ggml.model',
  'gpt2 or llama': 'gpt2 或 llama',
  "{0} holds a tokenizer of the kind '{1}'": '{0} 中的分词器属于“{1}”类',
  'gpt2 (byte-level BPE) or llama (SentencePiece BPE)': 'gpt2（字节级 BPE）或 llama（SentencePiece BPE）',
  '{0} holds {1} as {2}': '{0} 中的 {1} 为 {2}',
  'a list of {0}{1}s': '{0} 个{1}的列表',
  "a GGUF file does not record whether added tokens count inside words and keep the spaces beside them; the model's tokenizer.json beside it would":
    'GGUF 文件没有记录附加词元在词内是否有效、是否保留旁边的空格；旁边若有模型的 tokenizer.json 则会记录',
  'the tokenizer ends texts with an end token; here none is put': '分词器会在文本末尾加结束词元；这里没有加',
  "the tokenizer's {0} is not followed: some texts may get other ids":
    '没有按分词器的 {0} 处理：有些文本的 id 可能不同',
  '{0} names {1} as tokenizer.ggml.bos_token_id': '{0} 的 tokenizer.ggml.bos_token_id 为 {1}',
  'an id below {0}': '小于 {0} 的 id',
  'after a token': '在一个词元之后',
  '<no token {0}>': '<没有词元 {0}>',
  '{0} cannot be used as a tokenizer: {1}': '{0} 无法用作分词器：{1}',
  'a tokenizer.json of a kind that @huggingface/tokenizers runs': '@huggingface/tokenizers 能运行的 tokenizer.json',
  '{0} cannot be read ({1})': '无法读取 {0}（{1}）',
  'the tokenizer.json of the model': '该模型的 tokenizer.json',
  "Put it into the model's folder, or give the folder that holds it.": '请把它放入模型的文件夹，或给出它所在的文件夹。',
  '{0} is not JSON: {1}': '{0} 不是 JSON：{1}',
  'a whole JSON file': '完整的 JSON 文件',
  "the tokenizer's {0} is followed only nearly: some texts may get other ids":
    '分词器的 {0} 只是近似处理：有些文本的 id 可能不同',
  'the tokenizer drops merges by chance (dropout {0}); here none is dropped':
    '分词器会随机略去合并（dropout {0}）；这里一个也不略去',
  'the tokenizer puts {0} around texts, which is not put here': '分词器会在文本前后加 {0}，这里没有加',
  'tokenizer_config.json asks for a space in front of texts; here none is put':
    'tokenizer_config.json 要求在文本前加空格；这里没有加',
  "the added token {0} goes by its vocabulary's id {1}, as with Hugging Face":
    '附加词元 {0} 使用词表中的 id {1}，与 Hugging Face 相同',
  '{0} holds no model with a vocabulary': '{0} 中没有带词表的模型',
  'the tokenizer.json of a Hugging Face model': 'Hugging Face 模型的 tokenizer.json',
  'BPE (byte-level or SentencePiece, as the Llama family has), WordPiece (BERT) or Unigram (T5, XLM-RoBERTa)':
    'BPE（字节级或 SentencePiece，Llama 系列所用）、WordPiece（BERT）或 Unigram（T5、XLM-RoBERTa）',
  'Choose a model with such a tokenizer.': '请选择使用这类分词器的模型。',
  '{0} has added_tokens of another form': '{0} 的 added_tokens 形式不同',
  'a list of {"id", "content", "special"}': '由 {"id", "content", "special"} 组成的列表',
  '{0} has a Unigram vocabulary of another form': '{0} 的 Unigram 词表形式不同',
  'a list of [piece, score]': '由 [piece, score] 组成的列表',
  'Download the tokenizer again, or take the one that belongs to the model.':
    '请重新下载分词器，或使用该模型自己的分词器。',
  "{0} has no unknown token for '{1}'": '{0} 没有对应“{1}”的未知词元',
  'a Unigram model with unk_id': '带 unk_id 的 Unigram 模型',
  'The vocabulary of {0} has pieces without a score': '{0} 的词表中有些片段没有分值',
  'a Unigram vocabulary of [piece, score]': '由 [piece, score] 组成的 Unigram 词表',
  'The tokenizer knows {0} ids, the model has embeddings for {1}': '分词器有 {0} 个 id，而模型只有 {1} 个嵌入',
  'at most {0} ids': '至多 {0} 个 id',
  "The unknown token '{0}' of {1} is not in its vocabulary": '{1} 的未知词元“{0}”不在词表中',
  'one that is': '词表中的一个词元',
  'Use the tokenizer that was published with this model.': '请使用随该模型发布的分词器。',
};
