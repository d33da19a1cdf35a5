import type { Catalogue } from '../catalogue.js';

/** Few rows, verdicts of preferences, what is inferred, `init` and `completion`. */
export const FEW_ROWS: Catalogue = {
  "the {0} is far ahead of the prompt after {1} of {2} updates, so the prompt's training ends there (--patience {3}: not)":
    '{1} 次更新（共 {2} 次）后，{0:word}远远领先于提示，因此提示的训练到此为止（--patience {3}：不停止）',
  "the shell '{0}'": 'shell“{0}”',
  'Name the shell that you use: echo $SHELL tells.': '请写出所用的 shell：echo $SHELL 会显示。',
  'read as {0} (--encoding {1})': '按 {0} 读取（--encoding {1}）',
  '{0} is already there': '{0} 已存在',
  'a new file': '一个新文件',
  'replace a file that is already there': '替换已存在的文件',
  'the bag of words': '词袋',
  'Choose another (--out), or replace it (--overwrite).': '请换一个（--out），或替换它（--overwrite）。',
  'Wrote   {0}. Look it over, then:\n  {1}': '已写入  {0}。请检查一遍，然后：\n  {1}',
  "'{0}' is neither a command with --config nor a file": '“{0}”既不是带有 --config 的命令，也不是文件',
  'a command such as {0}, or a file of data': '一个命令，如 {0}，或一个数据文件',
  'Correct the word.': '请改正这个词。',
  '({0} % of those of the fit)': '（为拟合时的 {0} %）',
  'Since the fit: {0}, {1}{2}, {3}, {4}, {5} changed': '拟合以来：{0}，{1}{2}，{3}，{4}，{5} 个有改动',
  "write a command's options as a commented YAML file for --config":
    '把一个命令的选项写成带注释的 YAML 文件，供 --config 读取',
  'a command, tune or recommend fit …, and a file of data whose columns are filled in':
    '一个命令（tune、recommend fit 等），以及一个据以填入各列的数据文件',
  'where it goes (default: softprompt.yaml)': '写到哪里（默认：softprompt.yaml）',
  'print what completes commands and flags in a shell': '打印在 shell 中补全命令和选项的脚本',
  'bash, zsh or fish': 'bash、zsh 或 fish',
  'Data    {0} to train and, in {1} parts, to validate; {2} to test':
    '数据    {0} 条用于训练，并分成 {1} 份互相验证；{2} 条用于测试',
  "the item's like rate": '物品的喜欢率',
  "the user's like rate": '用户的喜欢率',
  'Of 100 pairs of something liked and something not, {0} are put in the right order ({1}).':
    '在 100 对“喜欢的与不喜欢的”中，{0} 对排对了先后（{1}）。',
  'It is not worth using: {0}, which costs less, tells likes apart better.':
    '不值得使用：代价更小的 {0} 更能分辨喜欢与否。',
  'Next: take that one, or a larger model (--model).': '下一步：采用后者，或换用更大的模型（--model）。',
  'Next: answers of more people; with so few only large differences can be told.':
    '下一步：收集更多人的回答；人数这么少，只能看出很大的差别。',
  'Next: a larger model (--model), or other sources in the template.':
    '下一步：换用更大的模型（--model），或在模板中采用其他来源。',
  'cross-validating in {0} parts': '正在分 {0} 份交叉验证',
  'only {0} labelled rows, so chance has a say in all that follows; {1} or more are better':
    '只有 {0} 行带标签，以下结果都带有偶然性；最好有 {1} 行以上',
  'Of {0} texts, each left out once, {1} labels {2} right{3}.': '在 {0} 条轮流留出的文本中，{1:word}标对 {2} 条{3}。',
  'A label is rare, so macro F1 decides: {0}.': '有的标签很少见，因此以宏平均 F1 为准：{0}。',
  'The {0} is kept in its place.': '保留的是{0:word}，代替了提示。',
  'one of them: with folds the training rows validate one another': '二者之一：分份时由训练行互相验证',
  'training with all labels alike': '各标签同等权重的训练',
  'the prompt with all labels alike': '提示（各标签同等权重）',
  'a label is rare, so it is learned once more with all labels weighed alike (--class-weights none: not)':
    '某个标签很少见，因此再学习一次，让各标签权重相同（--class-weights none：不这样做）',
  'a label is rare, and weighing all labels alike did better: so it is learned (--class-weights none: not)':
    '有的标签很少见，让各标签权重相同效果更好，因此这样学习（--class-weights none：不这样）',
  'parts in which the training rows validate one another (cross-validation), where nothing else validates; 0: a share of them validates':
    '没有其他验证数据时，训练行分成几份互相验证（交叉验证）；0：由其中一部分验证',
  '{0} where a tenth of them would be fewer than {1} rows; else 0': '十分之一不足 {1} 行时为 {0}；否则为 0',
  'whether rare labels weigh as much as others in learning; auto: where validation gains by it':
    '学习时少见的标签是否与其他标签同等重要；auto：验证因此变好时',
  "validations without improvement after which to stop, or 'auto': five, while the loss rises above its least and training goes on falling":
    '连续多少次验证没有改进之后停止；auto：五次，且验证损失高出最低值而训练损失仍在下降',
};
