import type { Catalogue } from '../catalogue.js';

export const RECOMMEND: Catalogue = {
  "Nothing is known of the item '{0}': nobody met it in training, and its text was not read":
    '对物品“{0}”一无所知：训练中没有人接触过它，也没有读取它的文本',
  'an item that somebody met, or that has a text': '有人接触过，或有文本的物品',
  'Give a table that holds a text for it (--items), or fit again with a model and such a text.':
    '请给出含其文本的表（--items），或用模型和这样的文本重新拟合。',
  'The recall of approximate search is {0}': '近似搜索的召回率为 {0}',
  'Correct it, or leave it out.': '请更正它，或省略它。',
  'the index could not be kept: {0}': '索引无法保存：{0}',
  'approximate search: {0} of {1} cells; recall@{2} against exact search {3}':
    '近似搜索：{1} 个单元中的 {0} 个；相对精确搜索的 recall@{2} 为 {3}',
  'Restore the files, or fit again.': '请恢复这些文件，或重新拟合。',
  '{0} has been updated since its fit, or has forgotten people: nothing is held out from it any more':
    '{0} 在拟合之后更新过，或遗忘过某些人：已没有任何留给它的留出数据',
  'a recommender as its fit left it': '保持拟合后原样的推荐器',
  'Fit it again with what it knows now, `{0}`, and evaluate that.': '请用它现在所知的内容重新拟合（`{0}`），再评测它。',
  'The interactions or items are not those that {0} was fitted to': '交互记录或物品与 {0} 拟合时的不同',
  'the same users, items and interactions, in the same order': '同样的用户、物品和交互记录，先后也相同',
  'Held-out interactions are ranked': '要对留出的交互记录排序',
  'measured is the network that never saw what validates and tests; serving uses one that has learned from all {0} interactions':
    '评测的是从未见过验证和测试部分的网络；用于服务的网络学习了全部 {0} 条交互记录',
  'Restore the files, say where they lie now (--interactions, --items), or fit again.':
    '请恢复这些文件，说明它们现在的位置（--interactions、--items），或重新拟合。',
  '{0} was fitted to other interactions, or with another split, than the recommender beside it':
    '{0} 与旁边的推荐器是用不同的交互记录或不同的划分拟合的',
  'recommenders of the same interactions and split': '交互记录和划分都相同的推荐器',
  'Fit both to the same data with the same filters and split.': '请用同样的数据、过滤和划分拟合二者。',
  'Choose another file, or allow overwriting (--overwrite).': '请选择另一个文件，或允许覆盖（--overwrite）。',
  'runDepth {0}': 'runDepth {0}',
  'Say how many items of each user the run has (--run-depth 100).':
    '请说明 run 中每个用户有多少物品（--run-depth 100）。',
  'The id {0} is empty or holds a space': 'id {0} 为空或含有空格',
  'ids of one word in a file of TREC, whose columns are separated by spaces':
    'TREC 文件中的 id 须为一个词，因为各列以空格分隔',
  'Give the file a name that ends in .json: there any id stands.': '请给文件取以 .json 结尾的名称：那里可以放任何 id。',
  'Give the file of the users’ figures (--per-user) such a name.':
    '请给存放各用户指标的文件（--per-user）取这样的名称。',
  'a recommender whose fit has ended': '拟合已结束的推荐器',
  'leave out interactions rated lower': '略去评分更低的交互记录',
  'leave out users and items with fewer interactions': '略去交互次数更少的用户和物品',
  'what is held out': '留出什么',
  'of a split by time, what validates': '按时间划分时，用于验证的比例',
  'of a split by time, what tests': '按时间划分时，用于测试的比例',
  "what comes first of a user's interactions at the same time: drawn by the seed, or as the file has it":
    '同一时间的多次交互谁在前：由种子抽取，或按文件的先后',
  'a file of interactions, or a query on a database': '一个交互记录文件，或对数据库的查询',
  'columns, layout, delimiter, encoding … of that file': '该文件的列、布局、分隔符、编码等',
  "how the items' file is read": '如何读取物品文件',
  "how the users' file is read": '如何读取用户文件',
  'columns separated by commas': '用逗号分隔的列',
  'columns of the users to use': '要使用的用户列',
  'all of at most 100 values that are mostly shared': '取值至多 100 种且多为共有的全部列',
  'a vector of each user too, which counts the more the longer the history is':
    '每个用户也有一个向量，历史越长分量越大',
  'auto: with and without, the better is kept': 'auto：有与没有各试一次，保留更好的',
  'frozen model that reads the items, or encodes: folder, GGUF file or hub id':
    '读取物品或用于编码的冻结模型：文件夹、GGUF 文件或 hub id',
  'ids alone': '只用 id',
  'where the recommender goes': '推荐器放在哪里',
  'a folder for the recommender': '存放推荐器的文件夹',
  'replace a recommender that is already there': '替换已有的推荐器',
  'keep the states of training after success, four to five times the network':
    '成功后仍保留训练状态，大小为网络的四到五倍',
  'keep nobody in the folder: no users, no histories; lists are for histories that a request gives':
    '文件夹中不保留任何人：没有用户，没有历史；只为请求中给出的历史做推荐',
  "what is read of an item, such as '[soft:8]{title} ({genres})'":
    "读取物品的哪些内容，例如 '[soft:8]{title} ({genres})'",
  "by the items' columns": '由物品的列决定',
  'the first layers of the model that read': '用模型的前几层来读取',
  'longest text of an item in tokens': '物品文本的最大长度，以词元计',
  "numbers a text's vector is reduced to, of few items a quarter of their number":
    '文本向量压缩到多少个数；物品少时为其数目的四分之一',
  'auto: with and without texts, the better is kept; never: no text is read':
    'auto：有与没有文本各试一次，保留更好的；never：不读取文本',
  'learn how items are read, from which of them stand together in histories; takes long':
    '根据哪些物品在历史中一同出现，学习如何读取物品；耗时较长',
  'what --learn-prompt learns of the model that reads, as of tune': '--learn-prompt 对读取模型学习什么，与 tune 相同',
  "which of a text's rows make its vector": '用文本的哪些行构成它的向量',
  "the model's own, else the mean": '模型自带的，否则为平均',
  'leave out the item-item model': '不使用物品间模型',
  'leave out what is popular lately, which a split by time tries': '不使用近期热门度；按时间划分时会尝试它',
  'leave out how like the texts of the latest items an item is': '不使用与最近物品文本的相似程度',
  'serve with the network that was measured, which never learned from what validates and tests':
    '用被评测的网络来服务，它从未学习过验证和测试部分',
  'what takes minutes': '几分钟之内能完成的数目',
  'tune and measure popularity, ItemKNN, EASE, iALS, BPR-MF, GRU4Rec, BERT4Rec and SASRec beside it':
    '同时调优并评测热门度、ItemKNN、EASE、iALS、BPR-MF、GRU4Rec、BERT4Rec 和 SASRec',
  'baselines separated by commas': '用逗号分隔的基线',
  'of the baselines only these: {0}': '基线中只用这些：{0}',
  'a file of items beside it, or a frozen encoder': '同时给出物品文件，或使用冻结编码器',
  'a language model for the frozen encoder': '为冻结编码器给出语言模型',
  'no vectors of users (userVectors) and no states of training (keepTraining) beside it':
    '旁边不用用户向量（userVectors），也不保留训练状态（keepTraining）',
  "'auto' or 'always' where items have no vectors of their own": '物品没有自己的向量时用“auto”或“always”',
  "columns of the users, and the users' file beside them": '用户的列，以及同时给出用户文件',
  '; {0} have no text': '；{0} 个没有文本',
  'items are read as {0}{1}': '物品读作 {0}{1}',
  "The options of the fit, as the recommender's softprompt.json keeps them, cannot be used: {0}":
    '推荐器的 softprompt.json 中保存的拟合选项无法使用：{0}',
  'the options as `npx softprompt recommend fit` wrote them': '`npx softprompt recommend fit` 写出的选项',
  'Take an undamaged copy of the folder, or fit again.': '请取该文件夹的完好副本，或重新拟合。',
  'learning to read the items, by which of them stand together in histories':
    '正在根据哪些物品在历史中一同出现，学习如何读取物品',
  'the reading stays as it was: too few items with texts stand beside each other in histories':
    '读取方式保持原样：在历史中一同出现且有文本的物品太少',
  'NDCG@10 of held-out items among themselves {0} before, {1} after': '留出物品彼此之间的 NDCG@10：之前 {0}，之后 {1}',
  '(standard error of the difference {0})': '（差值的标准误 {0}）',
  'the reading stays as it was: {0}': '读取方式保持原样：{0}',
  'the reading was learned: {0}': '学到了读取方式：{0}',
  "the encoder's model is another one than that of the fit: its scores need not hold":
    '编码器的模型与拟合时的不同：得分未必成立',
  'recent popularity': '近期热门度',
  'no {0}: {1}': '没有{0}：{1}',
  'tuning the baseline {0}': '正在调优基线{0}',
  'item neighbours': '物品近邻',
  'more than {0} items': '超过 {0} 个物品',
  'the interactions have no times': '交互记录没有时间',
  'all training interactions have the same time': '全部训练交互的时间相同',
  'fitting {0}': '正在拟合 {0}',
  'fitting {0} to all interactions': '正在用全部交互记录拟合 {0}',
  'SASRec on ids': '仅用 id 的 SASRec',
  'SASRec on ids and fixed text vectors': '用 id 和固定文本向量的 SASRec',
  'the baseline {0}': '基线 {0}',
  'The query on {0}': '对 {0} 的查询',
  "{0} was fitted by an older softprompt, which did not keep how its items' texts are read":
    '{0} 由较旧的 softprompt 拟合，没有保存物品文本的读取方式',
  'The recommender in {0} knows its items by their ids alone: it was fitted without texts, or validated better without them':
    '{0} 中的推荐器只通过 id 认识物品：拟合时没有文本，或验证表明不用文本更好',
  'a recommender that reads the texts of its items': '读取物品文本的推荐器',
  'Fit again with --items, --model and --text always.': '请用 --items、--model 和 --text always 重新拟合。',
  'those that the fit read of its items: {0}': '拟合时读取的物品列：{0}',
  'Add {0}, or name the columns as in the items of the fit.': '请加上 {0}，或按拟合时物品的列来命名。',
  '; {0} of them have no text, so they are not recommended': '；其中 {0} 个没有文本，因此不会被推荐',
  '{0} of {1} items of the table are new{2}': '表中 {1} 个物品有 {0} 个是新的{2}',
  "the fit knew none of the table's items, such as '{0}'": '拟合不认识表中的任何物品，例如“{0}”',
  '{0} known items have other values in the table: they keep what the fit read (--replace-known)':
    '{0} 个已知物品在表中的值有所不同：保留拟合时读取的内容（--replace-known）',
  'are tested': '参与测试',
  "{0}; every item of the interactions is ranked, a user's history left out, ties count as misses{1}{2}":
    '{0}；对交互记录中的每个物品排序，略去用户的历史，同分计为未中{1}{2}',
  '; {0} of {1} users, drawn at random, {2}': '；随机抽取 {1} 个用户中的 {0} 个{2}',
  'Of {0} people, {1} found their next choice among {2} suggestions{3}.':
    '{0} 人中有 {1} 人在 {2} 条推荐里找到了下一次的选择{3}。',
  'measurably more': '明显更多',
  'no measurable difference': '没有可测量的差别',
  'measurably less': '明显更少',
  'It is worth using: better than {0}, the best of what costs nothing.':
    '值得使用：优于 {0}，后者是不花代价的方法中最好的。',
  'Nothing was measured beside it.': '旁边没有评测任何对照。',
  'It is not measurably better than {0}, which costs nothing to learn.': '与不需要学习的 {0} 相比，没有可测量的优势。',
  'It is not worth using as it is: {0}, which costs nothing to learn, finds more.':
    '目前不值得使用：不需要学习的 {0} 找到的更多。',
  'Next: use it.': '下一步：使用它。',
  'Next: look at the tables (--baselines), and fit longer or otherwise before it is shown to anybody.':
    '下一步：请先看表格（--baselines），拟合更久或换一种方式，再展示给别人。',
  'Next: more data; with so few people only large differences can be told.':
    '下一步：增加数据；人数这么少，只能看出很大的差别。',
  'Next: let it read the items, with --items and --model embedded.':
    '下一步：让它读取物品，用 --items 和 --model embedded。',
  'Next: a larger model that reads the items (--model).': '下一步：换用更大的模型来读取物品（--model）。',
  'Next: another --item-template.': '下一步：换一个 --item-template。',
  'Next: test data.': '下一步：准备测试数据。',
  'It suggests {0} of {1} items': '它推荐了 {1} 个物品中的 {0} 个',
  '{0}; popular ones {1} times as often as people choose them (--popularity-penalty auto evens that out).':
    '{0}；热门物品出现的频率是人们实际选择的 {1} 倍（--popularity-penalty auto 可以拉平）。',
  'what was read could not be kept in {0}: {1}': '读取的内容无法保存在 {0} 中：{1}',
  'The items were read by {0} with other weights than those of {1}': '物品由 {0} 读取，其权重与 {1} 的不同',
  'the model of the fit, whose weights have the sha256 {0}': '拟合时的模型，其权重的 sha256 为 {0}',
  'Say where that one lies (--model), or fit again with the other.':
    '请说明那个模型的位置（--model），或用另一个重新拟合。',
  'more than {0} users: none gets a vector of his own': '用户超过 {0} 个：都没有自己的向量',
  "the users' columns {0}, none of which tells them apart": '用户的列 {0}，没有一列能区分他们',
  'a column in which at least two values or ranges occur at {0} users or more':
    '一列，其中至少有两种取值或区间各出现在 {0} 个以上的用户中',
  'Name the columns to use (--user-attributes), give other attributes, or leave the users out (--users).':
    '请指明要用的列（--user-attributes），给出其他属性，或不用用户表（--users）。',
  'columns of the users that are left out: {0}': '略去的用户列：{0}',
  '{0} of {1} users have no attributes': '{1} 个用户中有 {0} 个没有属性',
  '{0} values': '{0} 种取值',
  'The folder keeps nobody, so there is nobody to make lists for': '文件夹中不保留任何人，因此没有可为之做列表的人',
  'what people did (--without-histories was said at the fit)': '人们的行为（拟合时用了 --without-histories）',
  'Give it with --interactions.': '请用 --interactions 给出。',
  '{0} users are new since the fit': '{0} 个用户是拟合之后新增的',
  '{0} of {1} users are not known: {2}': '{1} 个用户中有 {0} 个不认识：{2}',
  'columns: {0}{1}': '列：{0}{1}',
  'rows left out: {0} without a user or item, {1} with an unreadable time, {2} with an unreadable rating':
    '略去的行：{0} 行没有用户或物品，{1} 行时间不可读，{2} 行评分不可读',
  '{0} ids hold half a character, which is read as U+FFFD': '{0} 个 id 只含半个字符，读作 U+FFFD',
  '{0} interactions rated below {1}': '{0} 条交互记录的评分低于 {1}',
  '{0} copied rows were left out': '略去了 {0} 行重复的记录',
  '{0} of {1} interactions have the time of another of their user: the seed draws their order (--ties file keeps that of the file)':
    '{1} 条交互记录中有 {0} 条与同一用户的另一条时间相同：由种子抽取它们的先后（--ties file 按文件的先后）',
  '{0} interactions to train, {1} to validate, {2} to test ({3})':
    '{0} 条交互记录用于训练，{1} 条验证，{2} 条测试（{3}）',
  'some for each: leave-one-out needs users with at least three interactions':
    '各部分都有一些：留一法要求用户至少有三次交互',
  'Give more data, a smaller --k-core, or another --split.': '请提供更多数据，减小 --k-core，或换一种 --split。',
  "; the order of {0} interactions that share their user's time is drawn by seed {1}":
    '；有 {0} 条交互记录与同一用户的其他记录时间相同，其先后由种子 {1} 抽取',
  'a lowest rating of {0} for interactions without ratings': '交互记录没有评分，却要求最低评分 {0}',
  'a column of ratings': '评分列',
  'Name the column (--rating-column), or leave the lowest rating out (--min-rating).':
    '请指明该列（--rating-column），或去掉最低评分（--min-rating）。',
  'no item is left to recommend': '没有剩下可推荐的物品',
  'popularity penalty {0}, by what people choose': '热门度惩罚 {0}，依人们的选择而定',
  '{0} of {1} {2} items are not known: {3}': '{1} 个{2:word}物品中有 {0} 个不认识：{3}',
  '{0} of {1} items of the history are not known: {2}': '历史的 {1} 个物品中有 {0} 个不认识：{2}',
  'the history is empty: the list is what is popular': '历史为空：列表就是热门物品',
  'this recommender knows no attributes of users, so these change nothing':
    '这个推荐器不认识用户的任何属性，因此它们不起作用',
  'learning from all {0} interactions for {1} epochs, to serve': '正在从全部 {0} 条交互记录学习 {1} 轮，用于服务',
  '{0} by a network of {1} that has learned from all interactions, those that validate and test among them':
    '{0}，所用的是 {1} 中学习了全部交互记录（含验证和测试部分）的网络',
  'the network of that folder that has not learned from them': '该文件夹中没有学习过它们的网络',
  "Open the folder with { network: 'held-out' }; the commands do so by themselves.":
    "请用 { network: 'held-out' } 打开该文件夹；各命令会自动这样做。",
  'conditions, each with a number': '若干条件，每个带一个数',
  'ids of items': '物品的 id',
  'how many items': '多少个物品',
  'only items that meet it, in SQL, such as "genre = \'Drama\' AND year > 1990"':
    '只要满足条件的物品，用 SQL 书写，例如 "genre = \'Drama\' AND year > 1990"',
  'only these items': '只要这些物品',
  'all of which anything is known': '对其有所了解的全部物品',
  'none of these items': '不要这些物品',
  "added to the score, such as 'year > 1990:0.7'; repeatable": "加到得分上，例如 'year > 1990:0.7'；可重复",
  'from 0, the best items, to 1, the most different ones': '从 0（最佳物品）到 1（彼此差别最大的物品）',
  'takes x · log(interactions + 1) off each score, against lists of popular items alone; auto: as much as it takes to suggest them as often as people choose them':
    '从每个得分中减去 x · log(交互次数 + 1)，避免列表只有热门物品；auto：减到推荐频率与人们的选择一致为止',
  'items of the history too': '历史中的物品也包括在内',
  'how many users': '多少个用户',
  'The boost is {0}': '加分项为 {0}',
  'a condition, a colon and a number': '条件、冒号和一个数',
  "Write, for example, 'year > 1990:0.7'.": "请写成例如 'year > 1990:0.7'。",
  '{0} of {1} epochs, {2} wide': '{1} 轮中的 {0} 轮，宽 {2}',
  'ids and texts': 'id 和文本',
  'ids and users': 'id 和用户',
  'ids, texts and users': 'id、文本和用户',
  "The {0} '{1}' is not known": '不认识{0:word}“{1}”',
  'an item': '一个物品',
  'a user': '一个用户',
  '; this folder keeps nobody': '；此文件夹中不保留任何人',
  ", such as '{0}'": '，例如“{0}”',
  'the id of {0} that is known from the data{1}': '数据中已知的{0:word}的 id{1}',
  'Correct the id, or have unknown ones left out (--skip-unknown).': '请更正 id，或略去未知的 id（--skip-unknown）。',
  'Correct the id, or give the history of a new user (--history, or --interactions with what he did).':
    '请更正 id，或给出新用户的历史（--history，或含其行为的 --interactions）。',
  "Correct the id (one with a comma or spaces around it is given as JSON: '{0}'), leave the item out, or have unknown items skipped (--skip-unknown) where that is possible.":
    "请更正 id（含逗号或前后有空格的请写成 JSON：'{0}'），略去该物品，或在允许时跳过不认识的物品（--skip-unknown）。",
  'Text {0} is empty': '文本 {0} 为空',
  'something to read': '可读取的内容',
  'rows of known items replace what the fit kept of them': '已知物品的行替换拟合时保留的内容',
  'interactions since the fit; --user may be new there': '拟合之后的交互记录；--user 可以是其中的新用户',
  'columns and values, such as gender=F,age=31': '列名和取值，例如 gender=F,age=31',
  'only these users: a file of ids, a,b,c or a JSON list': '只为这些用户：写有 id 的文件、a,b,c 或 JSON 列表',
  'interactions since the fit; users who are new there get a list too': '拟合之后的交互记录；其中的新用户也会得到列表',
  'as fitted': '与拟合时相同',
  'items of each user in the run': 'run 中每个用户的物品数',
  'look at a part of a large catalogue, so that this share of exact search is found; 0.95 where none is named':
    '只查看大型目录的一部分，使其达到精确搜索的这一比例；不写数值时为 0.95',
  'users with their attributes, for a learned token in front of each history':
    '带属性的用户，用于每段历史之前的可学习词元',
  'users who validate at most, drawn by the seed': '至多多少用户参与验证，由种子抽取',
  'users who are tested at most, drawn by the seed': '至多多少用户参与测试，由种子抽取',
  'users are told apart by {0}': '用户按 {0} 区分',
  'users who have interacted with it too': '与它有过交互的用户也包括在内',
};
