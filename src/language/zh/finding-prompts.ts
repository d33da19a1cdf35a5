import type { Catalogue } from '../catalogue.js';

/** Of `design`, `search` and `shorten`. */
export const FINDING_PROMPTS: Catalogue = {
  'Nothing is learned here but the words of the template.': '这里除模板的文字外什么也没有学。',
  'words alone: nothing is learned but the template': '只有文字：除模板外什么也不学',
  'find template and label words for a file of labelled texts, and learn a prompt':
    '为带标签的文本文件寻找模板与标签词，并学习一个提示',
  'leave out the learned tokens that do least, and learn again': '去掉作用最小的可学习词元，再学习一次',
  'find a prompt where only label scores can be had: words that people can read, or a soft prompt':
    '在只能得到标签得分时寻找提示：人可读的文字，或软提示',
  'what tune, compare, transfer, design, search, shorten, pretrain, recommend fit, preference fit, profile or tune-words was given as --out':
    'tune、compare、transfer、design、search、shorten、pretrain、recommend fit、preference fit、profile 或 tune-words 的 --out 所给的文件夹',
  'grips: edits of written words (Prasad et al. 2023); reinforce: a small learned policy over words (as RLPrompt, Deng et al. 2022); ape: instructions that a model writes (Zhou et al. 2023); bbt: evolution of a soft prompt (Sun et al. 2022)':
    'grips：修改手写文字（Prasad 等 2023）；reinforce：在词上学习的小策略（如 RLPrompt，Deng 等 2022）；ape：由模型撰写的指令（Zhou 等 2023）；bbt：软提示的进化（Sun 等 2022）',
  'folder, GGUF file or hub id of the model that answers; beside --endpoint, of one that proposes words':
    '作答模型的文件夹、GGUF 文件或 hub id；与 --endpoint 同用时，是提出词语的模型',
  'an OpenAI-compatible address with log-probabilities whose model answers, such as http://127.0.0.1:8000/v1; its key: OPENAI_API_KEY':
    '给出对数概率的 OpenAI 兼容地址，由其模型作答，例如 http://127.0.0.1:8000/v1；密钥：OPENAI_API_KEY',
  'the model of --endpoint': '--endpoint 的模型',
  'text around an example; [soft:5] or [soft:"words"] is where words are sought, else in front, such as \'Is it good or bad? {text} It was{label}\'':
    '围绕样本的文字；[soft:5] 或 [soft:"words"] 是寻找词语的位置，否则在最前面，例如 \'Is it good or bad? {text} It was{label}\'',
  "a template such as '{text} It was{label}'": "模板，例如 '{text} It was{label}'",
  'label in the data → word in the text: \'{"0":" terrible","1":" great"}\'':
    '数据中的标签 → 文本中的词：\'{"0":" terrible","1":" great"}\'',
  'candidate prompts, each scored on all training examples': '候选提示数，每个都在全部训练样本上打分',
  'of reinforce: words of the prompt': '用于 reinforce：提示的词数',
  'those of [soft:N], or 5': '[soft:N] 的数目，或 5',
  'words to choose from: the first whole ones of the vocabulary': '可选的词：词表中最前面的完整词',
  'of bbt: learned tokens': '用于 bbt：可学习词元数',
  'those of [soft:N], or 10': '[soft:N] 的数目，或 10',
  'of bbt: dimensions of the random subspace': '用于 bbt：随机子空间的维数',
  'of bbt: how far numbers move at first, in units of their size at the start':
    '用于 bbt：数值最初移动的幅度，以其起始大小为单位',
  'of bbt: keys and values of every layer, layer by layer (BBTv2, Sun et al. 2022)':
    '用于 bbt：每层的键和值，逐层进行（BBTv2，Sun 等 2022）',
  'candidates of a round': '每轮的候选数',
  '8; of bbt 4 + 3·ln(dimensions)': '8；bbt 为 4 + 3·ln(维数)',
  'of reinforce: of its policy': '用于 reinforce：其策略的学习率',
  'leave the label scores as they are; else training texts calibrate them (Zhou et al. 2024)':
    '标签得分保持原样；否则用训练文本校准（Zhou 等 2024）',
  'Nothing that answers': '没有可以作答的模型',
  'a model, or an address of one': '一个模型，或其地址',
  'Give --model, or --endpoint.': '请给出 --model 或 --endpoint。',
  'An endpoint without a model': '给了地址而没有模型',
  'the name of one that it has': '它拥有的某个模型的名称',
  'The endpoint {0}': '地址 {0}',
  'an address that begins with http:// or https://': '以 http:// 或 https:// 开头的地址',
  'The algorithm bbt on an endpoint': '在远程地址上使用算法 bbt',
  'a model on this machine: a soft prompt cannot be sent as text': '本机上的模型：软提示无法作为文本发送',
  'Choose grips, reinforce or ape (--algorithm), or give --model alone.':
    '请选择 grips、reinforce 或 ape（--algorithm），或只给出 --model。',
  'The algorithm reinforce without a model of its own': '算法 reinforce 没有自己的模型',
  'a small model whose states the policy reads': '一个小模型，策略读取它的状态',
  'Give one beside the endpoint, such as --model embedded.': '请在地址之外给出一个，例如 --model embedded。',
  'a search that has ended': '已结束的搜索',
  'The template {0} has {1} places that are learned': '模板 {0} 有 {1} 个学习的位置',
  'at most one, [soft:N] or [soft:"words"]: words are sought in one place':
    '至多一个，[soft:N] 或 [soft:"words"]：词语只在一处寻找',
  'Leave one of them.': '请只留一个。',
  'found prompt': '找到的提示',
  '{0} gives no log-probabilities of the model {1}': '{0} 不给出模型 {1} 的对数概率',
  'those of OpenAI: of /completions (with echo, or of the likeliest tokens) or of /chat/completions':
    'OpenAI 式的对数概率：/completions（带 echo，或最可能的词元）或 /chat/completions',
  'Check --endpoint and --remote-model, and start the server so that it gives log-probabilities.':
    '请检查 --endpoint 和 --remote-model，并以给出对数概率的方式启动服务器。',
  '{0} writes no text: {1} {2}': '{0} 没有写出文本：{1} {2}',
  'a completion as OpenAI has it': 'OpenAI 式的补全',
  'Choose a model that generates (--remote-model), or another --algorithm.':
    '请选择能生成文本的模型（--remote-model），或另一个 --algorithm。',
  '{0} does not answer: {1}': '{0} 没有应答：{1}',
  'an OpenAI-compatible server': 'OpenAI 兼容的服务器',
  'Start it, or correct --endpoint; the same command goes on behind the calls that were made.':
    '请启动它，或更正 --endpoint；同一命令会从已完成的调用之后继续。',
  '{0} refuses the request ({1})': '{0} 拒绝了请求（{1}）',
  'a key that it takes': '它接受的密钥',
  'Set the environment variable OPENAI_API_KEY.': '请设置环境变量 OPENAI_API_KEY。',
  'Soft prompt in {0}': '软提示在 {0}',
  'Found   {0}\nTemplate {1}': '找到    {0}\n模板 {1}',
  '{0} candidates were scored{1}.': '共为 {0} 个候选打分{1}。',
  'with {0} requests': '，发出 {0} 次请求',
  'What was found is in {0}.': '结果在 {0} 中。',
  '{0}  loss {1}{2}': '{0}  损失 {1}{2}',
  "the training file's name with -designed": '训练文件名加 -designed',
  'for all of it: comparing forms, and learning the best': '全部用时：比较各种形式，并学习最好的一种',
  'a form of your own, compared with those that are proposed': '你自己的形式，与提出的形式一起比较',
  'label → word of your own, JSON, compared with those that the model proposes':
    '你自己的标签 → 词，JSON，与模型提出的一起比较',
  'learned tokens in front of the form': '形式前面的可学习词元数',
  'found by its name and values': '按名称和取值找出',
  'updates of the last learning': '最后一次学习的更新次数',
  'as tune has it, if the minutes allow it': '与 tune 相同，若时间允许',
  'a design that has ended': '已结束的设计',
  '{0} forms were compared on {1} validation examples, nothing learned and calibrated by the texts;':
    '在 {1} 条验证样本上比较了 {0} 种形式，未学习，仅用文本校准；',
  'the best was {0} with {1}: {2} right.': '最好的是 {0}，标签词 {1}：{2} 正确。',
  'Behind the best {0} a prompt was learned for {1} updates; {2} with':
    '在最好的 {0} 种之前各学习了 {1} 次更新的提示；{2}，标签词',
  '{0} validated best ({1} right).': '{0} 的验证最好（{1} 正确）。',
  'The minutes allowed {0} of {1} updates (--minutes).': '时间只够 {1} 次更新中的 {0} 次（--minutes）。',
  'Of so few data {0} examples in front of the text, in the order of most entropy of {1}, calibrated:':
    '数据这么少时，把 {0} 条示例放在文本之前，取 {1} 种顺序中熵最大的，并校准：',
  '{0} right on validation beside {1} of the learned prompt.': '验证上 {0} 正确，学到的提示为 {1}。',
  'They are kept': '保留示例',
  'The learned prompt is kept': '保留学到的提示',
  "the labels' names": '标签的名称',
  'your words': '你给出的词',
  "the model's words": '模型提出的词',
  'demonstrations, calibrated': '示例，已校准',
  'Template {0}\nLabels   {1}': '模板 {0}\n标签   {1}',
  'The prompt is in {0}, with design.json: all that was compared.': '提示在 {0} 中，连同 design.json：比较过的一切。',
  'Form    {0} right unlearned: {1} with {2}': '形式    未学习时 {0} 正确：{1}，标签词 {2}',
  'Try     {0} right after {1} updates: {2}': '尝试    {1} 次更新后 {0} 正确：{2}',
  'Learn   {0}': '学习    {0}',
  'words alone, a bag of them': '只有词语，即词袋',
  'learned tokens that can be left out one by one ({0})': '可以逐个去掉的可学习词元（{0}）',
  'Give a prompt that was learned by one of these methods.': '请给出用这些方法之一学到的提示。',
  '{0} tokens of a prompt that has {1}': '{0} 个词元，而提示有 {1} 个',
  'fewer than {0}': '少于 {0}',
  'Ask for fewer (--tokens).': '请减少（--tokens）。',
  'a prompt that is short already': '已经缩短的提示',
  'the folder of a learned prompt': '学到的提示的文件夹',
  'learned tokens that are left': '留下的可学习词元数',
  'how many tokens are to be left': '要留下多少词元',
  'where the short prompt goes': '短提示存放处',
  'a folder for the short prompt': '存放短提示的文件夹',
  'updates that learn what the long prompt answers': '学习长提示所答内容的更新次数',
  'pruned, pieces too': '剪枝，连同片段',
  'long prompt': '长提示',
  '{0}, {1} tokens': '{0}，{1} 个词元',
  'Kept     {0}, which validates best\nTemplate {1}\nThe short prompt is in {2}.':
    '保留     {0}，其验证最好\n模板 {1}\n短提示在 {2} 中。',
  'Kept    the tokens {0} (from 0)': '保留    词元 {0}（从 0 起）',
  'the set {0}': '数据集 {0}',
};
