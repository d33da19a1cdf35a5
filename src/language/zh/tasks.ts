import type { Catalogue } from '../catalogue.js';

export const TASKS: Catalogue = {
  '{0} holds {1} learned tokens, and the template has {2}': '{0} 含有 {1} 个可学习词元，而模板有 {2} 个',
  'as many in the template': '模板中有同样多的词元',
  'Leave out [soft:…]: nothing stands there.': '请去掉 [soft:…]：那里什么也没有。',
  'Write [soft:{0}] where they belong.': '请在相应位置写 [soft:{0}]。',
  'bag of words': '词袋',
  'regression on all items': '基于全部物品的回归',
  'regression on the same vectors': '基于相同向量的回归',
  'what was learned is not better than the start of its rows by more than chance on the validation rows: the start is kept':
    '在验证行上，学到的内容并不比行的起点好出偶然范围之外：保留起点',
  'made rows, nothing learned': '生成的行，未经学习',
  'learned prompt, rows told nothing': '学到的提示，行中没有信息',
  "as many numbers as others have, as a JSON list in '{0}', of which the rows [{1}] are made":
    '“{0}”中 JSON 列表形式的、与其他样本同样多的数，行 [{1}] 由它们生成',
  'maps that make rows': '生成行的映射',
  'Example {0}: {1}': '样本 {0}：{1}',
  "it has no '{0}'": '没有“{0}”',
  "'{0}' is {1}": '“{0}”是 {1}',
  "'{0}' holds {1} numbers": '“{0}”有 {1} 个数',
  'Ask a profile by item ids: `npx softprompt recommend profile predict FOLDER --history A,B,C`.':
    '请按物品 id 询问画像：`npx softprompt recommend profile predict FOLDER --history A,B,C`。',
  'The method {0} for a template whose rows are made': '方法 {0} 用于含有生成行的模板',
  'Choose another (--method), or leave [user:…] out of the template.':
    '请选择其他方法（--method），或从模板中去掉 [user:…]。',
  '{0} folds for a template whose rows are made': '{0} 折交叉验证用于含有生成行的模板',
  'validation rows: the start of made rows has learned from all training rows':
    '验证行：生成行的起点已从全部训练行中学习',
  'Leave --folds out.': '请去掉 --folds。',
  'column of a JSON list of ids, on which a logistic regression is measured beside the prompt':
    '含 id 的 JSON 列表的列，以其上的逻辑回归与提示对照',
  'other maps in {0} than the template {1} has rows': '{0} 中的映射与模板 {1} 的行不符',
  'scoring the head': '正在给线性探针打分',
  'majority class': '多数类',
  'a comparison that has ended': '已结束的比较',
  'names of methods, separated by commas: {0}': '方法名称，用逗号分隔：{0}',
  'names of starts, separated by commas: {0}': '起点名称，用逗号分隔：{0}',
  '{0}numbers above 0, separated by commas': '{0}大于 0 的数，用逗号分隔',
  'as for tune; learned tokens are left out for methods without any': '与 tune 相同；没有可学习词元的方法会去掉它们',
  'label in the data → word in the text, JSON': '数据中的标签 → 文本中的词，JSON',
  'training examples: JSONL, CSV, TSV or Parquet, .gz too': '训练样本：JSONL、CSV、TSV 或 Parquet，也可为 .gz',
  'test examples': '测试样本',
  'the validation examples judge': '由验证样本来评判',
  'several data sets instead: a JSON list of objects with name, template, labels, train, valid, test, columns, labelColumn':
    '改为给出多个数据集：JSON 列表，其中的对象有 name、template、labels、train、valid、test、columns、labelColumn',
  'where the comparison goes': '比较结果放在哪里',
  'a folder for the comparison': '存放比较结果的文件夹',
  'discard a comparison that is already there': '放弃已有的比较',
  'what is compared': '比较什么',
  'budgets of data: so many training examples a label': '数据预算：每个标签这么多训练样本',
  'budgets of training: updates in all': '训练预算：总更新次数',
  'as tune has it': '与 tune 相同',
  'budgets of training: so many seconds, by the speed of a first try': '训练预算：这么多秒，按初次试跑的速度计',
  'runs of each method on each budget, with seeds from --seed on': '每种方法在每种预算上运行多少次，种子从 --seed 起',
  'learned tokens where the template has none': '模板中没有时使用的可学习词元数',
  'difference of accuracy, in points, that is not worth a costlier method':
    '不值得采用更昂贵方法的准确率差距，以百分点计',
  'No data to compare on': '没有可比较的数据',
  'a template, labels and training examples, or a file of such sets': '模板、标签和训练样本，或含有这样数据集的文件',
  'Give --template, --labels and --train, or --sets.': '请给出 --template、--labels 和 --train，或 --sets。',
  'a JSON list of objects with name, template, labels and train':
    'JSON 列表，其中的对象有 name、template、labels 和 train',
  'Correct the file (--sets).': '请更正该文件（--sets）。',

  'all examples': '全部样本',
  '{0} examples a label': '每个标签 {0} 条样本',
  '{0} steps': '{0} 步',
  '{0}: nothing was learned yet.': '{0}：还没有学到任何内容。',
  '{0}: take {1} ({2} % right, {3}, {4} ms an answer).': '{0}：采用 {1}（{2} % 正确，{3}，每个回答 {4} 毫秒）。',
  'It is the most accurate too.': '它也是最准确的。',
  '{0} is the most accurate ({1} %), but by no more than a standard error over seeds or the margin of {2} points, and needs {3}.':
    '{0} 最准确（{1} %），但优势没有超出种子间差异的一个标准误或 {2} 个百分点的界限，且需要 {3}。',
  'The {0} costs less and labels no fewer right ({1} %): consider that first.':
    '{0:word}代价更小，标对的也不更少（{1} %）：请先考虑它。',
  'So few seeds say little: repeat with --seeds 5.': '种子这么少说明不了什么：请用 --seeds 5 重复。',
  '{0} KB': '{0} KB',
  '{0} MB': '{0} MB',
  '{0} GB': '{0} GB',
  'reading the training data': '正在读取训练数据',
  'reading the validation data': '正在读取验证数据',
  'longest answer in tokens': '最长的回答，以词元计',
  'as tuned, or 64': '与学习时相同，或 64',
  'tokens before which an answer does not end': '在这么多词元之前回答不会结束',
  'above 0: answers are drawn, the wilder the higher; 0: always the likeliest token':
    '大于 0：回答由抽样得到，越大越随意；0：总取最可能的词元',
  'draw among so many of the likeliest tokens; 0: among all': '在最可能的这么多个词元中抽取；0：在全部词元中',
  'draw among the fewest tokens whose probabilities reach this sum': '在概率之和达到此值的最少词元中抽取',
  'draw among tokens at least this share as likely as the likeliest': '在可能性至少为最可能者的这一比例的词元中抽取',
  'above 1: makes what was said less likely': '大于 1：使已说过的内容可能性降低',
  'no run of so many tokens occurs twice; 0: any may': '这么多词元的片段不会出现两次；0：都可以',
  'text that ends the answer and is no part of it; repeatable': '结束回答、且不属于回答的文本；可重复',
  'beam search over so many partial answers': '束搜索所保留的部分回答数',
  'beam search compares sums of log-probabilities divided by length to this power':
    '束搜索比较的是对数概率之和除以长度的此次幂',
  'an answer that may be given; repeatable': '可以给出的一个回答；可重复',
  'tokens guessed ahead from repetitions of the text: sometimes faster, the same answer':
    '根据文本的重复预先猜测的词元数：有时更快，回答不变',
  'int8: matrices in 8 bits, several times as fast and a little less exact': 'int8：矩阵为 8 位，快数倍，精确度略低',
  'the text': '该文本',
  '{0} is a model of the family {1}, which fills in masks and does not go on with a text':
    '{0} 是 {1} 系列的模型，它填补掩码，不会接续文本',
  'a causal language model, such as of the Llama or GPT-2 family, to generate texts with':
    '用于生成文本的因果语言模型，例如 Llama 或 GPT-2 系列',
  'Choose another --model, such as embedded, or classify with this one ({label}, --task classify).':
    '请选择另一个 --model，例如 embedded，或用这个模型做分类（{label}，--task classify）。',
  'a column of texts, and one of labels: few values that come again and again':
    '一列文本和一列标签（少数反复出现的值）',
  'Name them (--label-column COLUMN --field text=COLUMN), with --template and --labels.':
    '请指明它们（--label-column COLUMN --field text=COLUMN），并给出 --template 和 --labels。',
  'generating texts': '正在生成文本',
  'generating with the written prompt': '正在用未训练的手写模板生成',
  '{0} names no end mark: texts end at --max-new-tokens or at a stop text alone':
    '{0} 没有结束标记：文本只在 --max-new-tokens 或停止文本处结束',
  '{0} of {1} targets are cut, and their ends not learned; --max-length allows more':
    '{1} 个目标文本中有 {0} 个被截断，其结尾没有学到；可加大 --max-length',
  'only {0} rows validate, so chance has a say in what is chosen; {1} or more are better':
    '只有 {0} 行用于验证，选择会受偶然影响；{1} 行以上更好',
  'scoring the validation data': '正在给验证数据打分',
  'scoring the test data': '正在给测试数据打分',
  'learned prompt, calibrated': '学到的提示，已校准',
  "always '{0}'": '总是“{0}”',
  'written prompt, calibrated': '未训练的手写模板，已校准',
  "the model's weights are not those that the prompt was learned for ({0}): expect worse answers":
    '模型的权重与学习该提示时的（{0}）不同：回答可能变差',
  'Of {0} {1} texts, {2} labels {3} right{4}.': '在 {0} 条{1:word}文本中，{2:word}标对 {3} 条{4}。',
  'On {0} {1} texts, the prompt has {2}. Nothing was measured beside it.':
    '在 {0} 条{1:word}文本上，提示的 {2}。没有与其他方法一并测量。',
  'On {0} {1} texts, the prompt has {2} (written prompt {3}: {4}).':
    '在 {0} 条{1:word}文本上，提示的 {2}（手写提示 {3}：{4}）。',
  'The written prompt is kept in its place.': '手写提示被保留，取代它。',
  'ROUGE-L {0}': 'ROUGE-L 为 {0}',
  'a perplexity of {0}': '困惑度为 {0}',
  'measurably better': '明显更好',
  'measurably worse': '明显更差',
  'It is worth using: better than the written prompt, which costs nothing to learn.':
    '值得使用：优于不需要学习的手写提示。',
  'It is not measurably better than the written prompt, which costs nothing to learn.':
    '与不需要学习的手写提示相比，没有可测量的优势。',
  'It is not worth using: the written prompt, which costs nothing to learn, comes nearer to the right texts.':
    '不值得使用：不需要学习的手写提示更接近正确文本。',
  'Next: use the written prompt, or learn from more rows, longer (--max-steps) or on a larger model (--model).':
    '下一步：使用手写提示，或用更多行学习、学习更久（--max-steps）、改用更大的模型（--model）。',
  'Next: more texts to judge by; with so few only large differences can be told.':
    '下一步：增加用来评判的文本；数量这么少，只能看出很大的差别。',
  'Next: a larger model (--model), more rows, or longer (--max-steps).':
    '下一步：改用更大的模型（--model）、更多的行，或学习更久（--max-steps）。',
  'It is worth using: better than {0}, the best of what costs less.':
    '值得使用：优于 {0:word}，后者是代价更小的方法中最好的。',
  'head {0}': '线性探针 {0}',
  'It is not measurably better than {0}, which costs less.': '与代价更小的 {0:word} 相比，没有可测量的优势。',
  'It is not worth using: {0}, which costs less, labels more right.': '不值得使用：代价更小的 {0:word} 标对的更多。',
  'Next: that one, or a larger model or another template.': '下一步：用后者，或换用更大的模型或另一个模板。',
  'Next: a larger model (--model), another template, or what is simpler.':
    '下一步：换用更大的模型（--model）、另一个模板，或用更简单的方法。',
  'Next: keep that one (--method auto does), or take a larger model or another template.':
    '下一步：保留后者（--method auto 会这样做），或换用更大的模型或另一个模板。',
  'Next: more labelled texts; with so few only large differences can be told.':
    '下一步：增加带标签的文本；数量这么少，只能看出很大的差别。',
  'Next: a larger model (--model), another template, or --method auto, which keeps what is simpler.':
    '下一步：换用更大的模型（--model）、另一个模板，或用 --method auto 保留更简单的方法。',
  'Next: another template.': '下一步：换一个模板。',
  'Next: a test file (--test): these rows have chosen the prompt and flatter it.':
    '下一步：准备测试文件（--test）：提示是用这些行选出来的，结果偏于乐观。',
  '{0} holds what was learned by the method {1}: {2}': '{0} 中是由方法 {1} 学到的内容：{2}',
  'what the method {0} learns on this model: {1}': '方法 {0} 在本模型上所学的内容：{1}',
  'Start from what was learned in the same way (--method) for the same model.':
    '请以用同样方法（--method）为同一模型学到的内容为起点。',
  'words:SOME WORDS': 'words:一些词',
  "the initialisation '{0}'": '初始化“{0}”',
  '{0}, or prompt:FOLDER, for the method {1}': '{0}，或 prompt:FOLDER，用于方法 {1}',
  'Choose one of these, or leave it out.': '请选择其中之一，或省略它。',
  '{0} of {1} rows of {2} have an empty text': '{2}的 {1} 行中有 {0} 行文本为空',
  'no row of {0} has the label {1}{2}': '{0}中没有任何行的标签为 {1}{2}',
  'of other texts left to validate': '剩下用于验证的其他文本',
  'There is no validation file, and the share of the training file that validates is 0':
    '没有验证文件，而训练文件用于验证的比例为 0',
  'examples to choose the best prompt by': '用于选择最佳提示的样本',
  'Give a validation file (--valid), or a share above 0 (--valid-share).':
    '请给出验证文件（--valid），或大于 0 的比例（--valid-share）。',
  '{0} of {1} training rows': '{1} 行训练数据中的 {0} 行',
  'the model reads no more': '模型最多读取这么多',
  '{0} fill all {1} positions, so their texts may be cut; {2}': '{0}占满全部 {1} 个位置，其文本可能被截断；{2}',
  '{0} has no head that predicts words (cls.predictions)': '{0} 没有预测词语的输出头（cls.predictions）',
  'a language model: one with the head that it was pretrained with': '语言模型：带有预训练时的输出头',
  'Take the checkpoint for masked language modelling, or read items with it: npx softprompt recommend fit --model MODEL.':
    '请使用掩码语言建模的检查点，或用它读取物品：npx softprompt recommend fit --model MODEL。',
  'a method whose learned tokens are rows of the text': '可学习词元为文本中的行的方法',
  'Take --method soft, or a causal model for the other methods.': '请用 --method soft，或为其他方法选用因果模型。',
  'One text for a template with the slots {0}': '只有一段文本，而模板有槽位 {0}',
  'a text for each slot': '每个槽位一段文本',
  'Write them to a file, a column a slot, and give it with --data.':
    '请把它们写入文件，每个槽位一列，并用 --data 给出。',
  "content-free text '{0}'": '无内容文本“{0}”',
  'a JSON object from label to word': '从标签到词的 JSON 对象',
  'passes over the training data': '遍历训练数据的遍数',
  '{0}, and at least {1} steps': '{0}，且至少 {1} 步',
  'examples an update': '每次更新的样本数',
  'pieces in which a batch is computed, to save memory': '把一个批次分成几块计算，以节省内存',
  "learning rate, or 'auto': the method's own, that of learned tokens in units of the embeddings' size":
    '学习率，或“auto”：该方法自己的学习率；可学习词元的以嵌入大小为单位',
  'over the label words alone, or the full vocabulary': '只在标签词之间，或在整个词表上',
  'what is learned; {0}': '学习什么；{0}',
  'where it starts: vocabulary, labels, random, zero, words:SOME WORDS, unchanged or prompt:FOLDER':
    '从哪里开始：vocabulary、labels、random、zero、words:一些词、unchanged 或 prompt:FOLDER',
  'as the method has it; words of the vocabulary for learned tokens': '由方法决定；可学习词元从词表中的词开始',
  'longest sequence in tokens, learned ones included': '最长序列，以词元计，含可学习词元',
  'train on n examples a label, validate on n others': '每个标签用 n 条样本训练，另外 n 条验证',
  'share of the training data that validates': '训练数据中用于验证的比例',
  'a tenth; of few rows as many as make twenty, at most a third': '十分之一；行数少时取到二十行，至多三分之一',
  'so that validating takes at most about a third of the training time': '使验证至多占训练时间的三分之一左右',
  'runs with so many seeds; the best is kept, all are reported': '用这么多种子运行；保留最好的，全部报告',
  'first search learning rate, length and initialisation for so long': '先用这么长时间搜索学习率、长度和初始化',
  'save the prompt with contextual calibration of its label words': '保存带有标签词上下文校准的提示',
  'leave out scoring the same template unlearned': '不给未训练的同一模板打分',
  "leave out the logistic regression on the frozen model's vectors": '不做对冻结模型向量的逻辑回归',
  'folder, GGUF file, or hub id such as HuggingFaceTB/SmolLM2-135M-Instruct':
    '文件夹、GGUF 文件，或 hub id，例如 HuggingFaceTB/SmolLM2-135M-Instruct',
  'replace a prompt that is already there': '替换已有的提示',
  'keep the states of training after success': '成功后仍保留训练状态',
  "text around an example, such as '[soft:20]{text} It was{label}'":
    "样本前后的文字，例如 '[soft:20]{text} It was{label}'",
  "a template such as '[soft:20]{text} It was{label}'": "一个模板，例如 '[soft:20]{text} It was{label}'",
  "wrap the template in the model's chat template: what stands before the label is the user's turn, the label the assistant's":
    '把模板放进模型的对话模板：标签之前是用户的话，标签是助手的话',
  'what the system says in front of the chat (--chat)': '对话开头系统所说的话（--chat）',
  'no update lowered the validation loss: the prompt stays as it started (a lower --lr may learn)':
    '没有一步降低验证损失：提示保持起始的样子（更低的 --lr 或许能学到）',
  'rougeL {0} beside {1}': 'rougeL {0}，相比之下 {1}',
  'the written prompt\'s texts are nearer to the right ones ({0}): let the tokens start as its words ([soft:"words"]), learn longer (--max-steps) or from more rows':
    '写成的提示生成的文本更接近正确答案（{0}）：让 token 从它的词开始（[soft:"words"]），学得更久（--max-steps）或用更多的行',
  'the written prompt\'s texts for the validation rows are nearer to the right ones, so it is kept ({0}): to learn more, let the tokens start as its words ([soft:"words"]), learn longer (--max-steps), from more rows, or take a larger --model':
    '在验证行上，写成的提示生成的文本更接近正确答案，因此保留它（{0}）：要学到更多，请让 token 从它的词开始（[soft:"words"]），学得更久（--max-steps），用更多的行，或换用更大的 --model',
  'what is learned: which {label} a text has; to answer with a text, the {target}; or to explain, with sentences of reviews, why something is for somebody':
    '学习什么：文本属于哪个 {label}；用文本回答，即 {target}；或用评论中的句子解释某物为什么适合某人',
  "the task 'explain' of texts that are classified or generated": '任务“explain”不是文本的分类或生成',
  'classify or generate: explanations have options of their own': 'classify 或 generate：解释有自己的选项',
  'In programs call tuneExplanations of softprompt/recommend.':
    '在程序中请调用 softprompt/recommend 的 tuneExplanations。',
  'label in the data → word in the text: \'{"0":" terrible","1":" great"}\'; needed to classify':
    '数据中的标签 → 文本中的词：\'{"0":" terrible","1":" great"}\'；分类时必须给出',
  'column of the text to be generated': '要生成的文本所在的列',
  'longest text that is generated, in tokens, when a prompt is measured': '评测提示时生成文本的最大长度，以词元计',
  'most texts that are generated to measure a prompt; 0: its perplexity alone':
    '评测提示时至多生成多少条文本；0：只计算困惑度',
  'a file of training examples': '一个训练样本文件',
  'validation examples': '验证样本',
  'a tenth of the training file': '训练文件的十分之一',
  'a column by each field': '每个字段对应的列',
  'column that a slot of the template reads; repeatable': '模板槽位所读的列；可重复',
  'column of the label': '标签所在的列',
  'keep a head or a bag of words in place of the prompt, where validation asks for it':
    '在验证表明更好时，保留线性探针或词袋来代替提示',
  'what is learned; auto: a soft prompt, a head or a bag of words, the one that validation asks for; {0}':
    '学习什么；auto：软提示、线性探针或词袋，由验证选定；{0}',
  'The method {0}{1} for a task that generates texts': '方法 {0}{1} 用于生成文本的任务',
  'a method whose numbers enter the model as they are: soft, prefix, lora …':
    '所学的数原样进入模型的方法：soft、prefix、lora 等',
  'Choose another (--method), or classify (--task classify).':
    '请选择另一种方法（--method），或做分类（--task classify）。',
  'The template {0} has learned tokens, of which the method {1} has none': '模板 {0} 有可学习词元，而方法 {1} 没有',
  'a template without [soft:…]': '没有 [soft:…] 的模板',
  'Write {0}, or learn tokens (--method soft).': '请写 {0}，或学习词元（--method soft）。',
  'Put [soft:20] in front of it.': '请在它前面放上 [soft:20]。',
  'labels of a task that generates texts': '生成文本的任务带有标签',
  'none: the texts are in the data (--target-column)': '没有标签：文本就在数据中（--target-column）',
  'Leave --labels out, or classify (--task classify).': '请去掉 --labels，或做分类（--task classify）。',
  'The flag --labels is missing': '缺少选项 --labels',
  'Add --labels to the command line or to the file given with --config; texts are generated with --task generate.':
    '请在命令行或 --config 指定的文件中加上 --labels；生成文本请用 --task generate。',
  'the JSON schema': 'JSON schema',
  'the regular expression {0}': '正则表达式 {0}',
  'the whole answer matches this regular expression (JavaScript, flag u)':
    '整个回答须匹配此正则表达式（JavaScript，标志 u）',
  'the answer is JSON that the schema in this file holds for': '回答是 JSON，且符合此文件中的 schema',
  'column of the target': '目标文本所在的列',
  'as tuned, or target': '与学习时相同，或 target',
  'where the labels of --data go: .csv, .tsv, .jsonl or .parquet':
    '--data 的标签写到哪里：.csv、.tsv、.jsonl 或 .parquet',
  'a text by each slot': '每个槽位的文本',
  'how many of them': '其中多少条',
  'nearest words a learned token': '每个可学习词元的最近邻词数',
  'updates in all, instead of epochs': '总更新次数，代替遍数',
  'updates between validations': '两次验证之间的更新次数',
  'with a projection': '带投影',
};
