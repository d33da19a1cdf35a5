import type { Catalogue } from '../catalogue.js';

export const HELP: Catalogue = {
  'where the files go': '文件写到哪里',

  'replace files that are already there': '替换已有的文件',
  'where converted weights are kept': '转换后的权重存放在哪里',
  'branch, tag or commit on the model hub': '模型库上的分支、标签或 commit',
  'access token of the model hub': '模型库的访问 token',
  'host of the model hub or a mirror': '模型库的地址或镜像',
  'threads of the runtime': '运行时的线程数',
  'one a core': '每个核心一个',
  'what computes': '由什么计算',
  'SOFTPROMPT_RUNTIME; else native, or wasm where native is missing':
    'SOFTPROMPT_RUNTIME；否则为 native，缺少 native 时为 wasm',
  'one JSON object a line; the last has "event":"result"': '每行一个 JSON 对象；最后一行带有 "event":"result"',
  'YAML file with any of these flags': 'YAML 文件，可包含这里的任何选项',
  'tell results alone': '只输出结果',
  'tell every validation, raw scores, and where an error came from': '输出每次验证、原始得分，以及错误的出处',
  'language of what is told (default: LANG)': '输出所用的语言（默认：LANG）',
  'The flag {0} is missing': '缺少选项 {0}',
  'Add {0} to the command line or to the file given with --config.': '请在命令行或 --config 指定的文件中加上 {0}。',
  'The same as\n  {0}': '等同于\n  {0}',
  'the recommender': '推荐器',

  'their ids; or one file of ids': '他们的 id；或一个写有 id 的文件',

  "what a recommender's folder holds": '推荐器文件夹里有什么',

  'a table of items: those that the fit did not know are read, and can be recommended':
    '物品表：拟合时不认识的物品会被读取，并可以推荐',
  'column of the id there, where its name does not tell': '其中 id 所在的列（列名看不出来时）',

  'reading new items': '正在读取新物品',
  'the table that {0} is about': '{0} 所指的数据表',
  'Expected {0}.': '应为{0}。',
  'The flag --{0} is missing': '缺少选项 --{0}',
  'Add --{0} to the command line or to the file given with --config.': '请在命令行或 --config 指定的文件中加上 --{0}。',

  'learn it from answers: likes and dislikes, or ratings': '从回答中学习：喜欢与不喜欢，或评分',

  'what preference fit was given as --out': 'preference fit 的 --out 所给的文件夹',
  'a user of the answers': '回答中的一个用户',
  'items that a new user liked, the oldest first; a JSON list where ids hold commas':
    '新用户喜欢过的物品，最早的在前；id 含逗号时用 JSON 列表',

  'items to judge': '要判断的物品',
  'how far each answer falls where one source tells nothing': '去掉某一来源后，每个回答下降多少',
  'another place of the frozen model': '冻结模型的另一位置',
  'measure it on answers': '用回答来评测',
  'Prompt tuning for frozen language models: learn a handful of input embeddings.':
    '冻结语言模型的提示微调：只学习少量输入嵌入。',
  '(npx softprompt COMMAND --help shows all flags)': '（npx softprompt COMMAND --help 显示全部选项）',
  'a tour on the embedded model and sample data, in some minutes (what softprompt alone does)':
    '用内置模型和样例数据做的演示，需要几分钟（单独运行 softprompt 即是它）',

  "the recommender's epochs, for a quicker tour": '推荐器的训练轮数，用于加快演示',
  'begin anew where an earlier tour has left something': '如果之前的演示留下了内容，则重新开始',
  'learn a prompt from labelled texts': '从带标签的文本中学习一个提示',
  'labelled texts, of which columns, labels and template are inferred unless flags say them':
    '带标签的文本；除非用选项说明，否则自动推断列、标签和模板',
  'say the whole command and do nothing': '只显示完整命令，什么也不做',
  'measure ways to learn beside each other, and say which to take': '把各种学习方法放在一起比较，并说明该用哪一种',
  'start prompts from those of other tasks, and say which source to take':
    '用其他任务的提示作为起点，并说明该用哪个来源',
  'go on with an interrupted or killed run': '继续一次中断或被终止的运行',
  'train a small language model from texts': '用文本训练一个小型语言模型',
  'measure a prompt on texts with their labels or targets': '在带标签或目标文本的数据上评测提示',
  'examples with labels, or with targets where texts are generated': '带标签的样本；生成文本时则带目标文本',

  'label texts with a prompt': '用提示为文本预测标签',
  'one text': '一条文本',
  'many texts': '多条文本',

  'replace a file, or unfinished labels, that are already there': '替换已有的文件或未完成的标签',
  'answer only this part, such as 3/8, into a file of its own': '只回答这一部分（例如 3/8），写入单独的文件',
  'cut the batch into so many parts, a file each': '把批量任务分成这么多部分，每部分一个文件',
  'a part and their number, such as 1/8 to 8/8': '一个部分和部分总数，例如 1/8 到 8/8',
  'answer texts with a prompt that was tuned to generate': '用为生成而学习的提示来回答文本',
  'the text of a slot, where the template has several; repeatable': '模板有多个槽位时，某个槽位的文本；可重复',
  'show the answer as it comes': '边生成边显示回答',
  'look inside a prompt: its nearest words, and what its decisions rest on': '查看提示内部：最近邻词，以及判断依据什么',
  'a text whose decision to explain': '要解释其判断的一条文本',
  'texts whose decisions to explain': '要解释其判断的多条文本',

  'write what a finished folder holds as one web page: verdict, curves, baselines, people, cost':
    '把已完成的文件夹写成一个网页：结论、曲线、基线、人物示例、代价',
  'a prompt, recommender, preference or comparison': '提示、推荐器、偏好或比较的文件夹',

  'how something learned: loss and validation of each run': '学习过程：每次运行的损失和验证',
  'a prompt, recommender, preference or model': '提示、推荐器、偏好或模型的文件夹',
  'every line, not the curves alone': '列出每一行，而不只是曲线',
  'fit and use a recommender': '拟合并使用推荐器',
  'fit a recommender to interactions': '用交互记录拟合一个推荐器',
  'the interactions, as --interactions': '交互记录，与 --interactions 相同',
  'the best items for a user, or for a history': '为某个用户或某段历史推荐最佳物品',
  'a user of the interactions': '交互记录中的一个用户',
  'items of a new user, the oldest first; a JSON list where ids hold commas':
    '新用户的物品，最早的在前；id 含逗号时用 JSON 列表',

  'leave unknown items of the history out': '略去历史中不认识的物品',
  "attributes of the user, such as 'gender=F,age=31'": "用户的属性，例如 'gender=F,age=31'",
  'which items of the history speak for each; with a folder of `tune --task explain` a sentence for each':
    '历史中哪些物品支持每条推荐；给出 `tune --task explain` 的文件夹则每条附一句解释',
  'the items most like one, which may be new': '与某个物品最相似的物品，它可以是新物品',
  'its id': '它的 id',
  'the users who would like an item, which may be new': '可能喜欢某个物品的用户，它可以是新物品',
  'measure a recommender on the test part of its data, beside baselines and other recommenders':
    '在数据的测试部分评测推荐器，并与基线和其他推荐器对比',
  'tune and measure popularity, ItemKNN, EASE, iALS, BPR-MF, GRU4Rec, BERT4Rec and SASRec':
    '调优并评测热门度、ItemKNN、EASE、iALS、BPR-MF、GRU4Rec、BERT4Rec 和 SASRec',
  'another recommender of the same data; repeatable': '同一数据上的另一个推荐器；可重复',
  'where the interactions lie now': '交互记录现在的位置',
  'where the items lie now': '物品表现在的位置',
  'write what each user of the test part would be shown: a run of TREC, or .json':
    '写出测试部分每个用户会看到什么：TREC 的 run 格式，或 .json',

  'write what was to be found: qrels of TREC, or .json': '写出应当找到什么：TREC 的 qrels 格式，或 .json',
  'write the figures of each user: .csv, .tsv, .jsonl or .parquet':
    '写出每个用户的指标：.csv、.tsv、.jsonl 或 .parquet',
  'the best items for every user, into a file': '把每个用户的最佳物品写入文件',
  'for the lists: .parquet, .jsonl, .csv or .tsv': '推荐列表的文件：.parquet、.jsonl、.csv 或 .tsv',

  'leave unknown users out': '略去不认识的用户',

  'replace a file, or unfinished lists, that are already there': '替换已有的文件或未完成的列表',
  'rank items by how well their titles follow a history of titles; nothing is trained':
    '按标题接续标题历史的程度给物品排序；无需训练',
  'learn the prompt behind which titles are ranked': '学习为标题排序所用的提示',

  'learn a prompt that predicts an attribute of users from what they chose':
    '学习一个提示，根据用户的选择预测其某个属性',

  'what profile was given as --out': 'profile 的 --out 所给的文件夹',
  'items of the user, the oldest first; a JSON list where ids hold commas':
    '用户的物品，最早的在前；id 含逗号时用 JSON 列表',
  'prompts and recommenders over HTTP': '通过 HTTP 提供提示和推荐器',
  'each is a prompt or recommender, or holds some (SOFTPROMPT_FOLDERS: a,b)':
    '每个是提示或推荐器，或其中含有若干个（SOFTPROMPT_FOLDERS: a,b）',
  'what a service has kept: export and erase it': '服务保存的内容：导出与删除',

  'remove all that a user did': '删除某个用户的全部行为',
  'describe, convert, split and fetch data': '查看、转换、划分和下载数据',
  'counts, histories, popularity, and what to know before training': '计数、历史、热门度，以及训练前需要知道的事',
  'write interactions, items or users anew in another format': '把交互记录、物品或用户改写成另一种格式',
  'write the parts that train, validate and test': '写出训练、验证和测试各部分',
  'download a public data set from its publisher, as plain CSV': '从发布方下载公开数据集，存为普通 CSV',
  'which set; see --list': '哪个数据集；见 --list',
  'show the sets': '列出数据集',

  'write it anew where it is already there': '已存在时重新写入',
  'check what this machine lets softprompt do': '检查 softprompt 在本机上能做什么',
  'the prompt': '提示',
  'as tuned': '与学习时相同',
  'Neither --user nor --history': '既没有 --user，也没有 --history',
  'Both --user and --history': '同时给出了 --user 和 --history',
  "Give --user with a user of the interactions, or --history with a new user's items, the oldest first.":
    '请用 --user 指定交互记录中的一个用户，或用 --history 给出新用户的物品，最早的在前。',
  'only these items: a file of ids, a,b,c or a JSON list': '只要这些物品：写有 id 的文件、a,b,c 或 JSON 列表',
  'none of these items: a file of ids, a,b,c or a JSON list': '不要这些物品：写有 id 的文件、a,b,c 或 JSON 列表',

  'show help': '显示帮助',

  'as tuned, or label': '与学习时相同，或 label',

  'the interactions (or of the only file)': '交互记录（或唯一的那个文件）',
  'interactions: for --user, and for what is popular': '交互记录：用于 --user，以及判断什么热门',
  'frozen model that ranks the titles: folder, GGUF file or hub id': '为标题排序的冻结模型：文件夹、GGUF 文件或 hub id',
  'items with their titles': '带标题的物品',

  'which items of the history and words of the prompt speak for each': '历史中哪些物品、提示中哪些词支持每条推荐',
  'a prompt that tune-words learned, in place of a template': '由 tune-words 学到的提示，代替模板',

  'column of the title, where its name does not tell': '标题所在的列（列名看不出来时）',

  'add interactions and items that came since the fit; nothing is retrained':
    '加入拟合之后的交互记录和物品；不重新训练',
  'fit a recommender again, with its options and all interactions; it serves meanwhile':
    '用原来的选项和全部交互记录重新拟合推荐器；期间照常服务',
  'remove users from a recommender, and prove it': '从推荐器中删除用户，并给出证明',
  'will this user like this item? a prompt with rows made of what is known of both':
    '这个用户会喜欢这个物品吗？提示中的若干行由双方的已知信息生成',
  'how likely a user is to like each candidate': '用户有多大可能喜欢各个候选物品',
  'choose on validation how much titles count when items are reranked': '在验证集上选择物品重排时标题所占的分量',
  'predict the attribute of a user from the items of their history': '根据历史物品预测用户的属性',
  'write kept interactions to a file, for the next fit, or for a user who asks what is known':
    '把保存的交互记录写入文件，供下次拟合，或供询问自己数据的用户',
  'show help of a command': '显示某个命令的帮助',
  "where a service keeps interactions: postgres://…, or a stopped service's folder":
    '服务保存交互记录的地方：postgres://…，或已停止的服务的文件夹',
  'DATABASE_URL where it is set': '设置了 DATABASE_URL 时用它',
  'file of JSON lines to write': '要写入的 JSON lines 文件',
  'the file to write': '要写入的文件',
  'only what this user did': '只要这个用户的行为',
  'only events behind this sequence number, such as the last of an earlier export':
    '只要此序号之后的事件，例如上次导出的最后一个',
  'whose interactions are removed': '删除谁的交互记录',
  'the id of a user': '用户的 id',
};
