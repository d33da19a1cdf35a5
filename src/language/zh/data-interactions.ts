import type { Catalogue } from '../catalogue.js';

export const DATA_INTERACTIONS: Catalogue = {
  'under {0}': '在{0}下',
  '{0} or more': '{0} 个或更多',
  'the query on {0}': '对 {0} 的查询',
  "{0}:{1} has nothing in '{2}'": '{0}:{1} 的“{2}”为空',
  'the id of the {0}': '{0:word}的 id',
  'Fill it in, or remove the row.': '请填上，或删除该行。',
  "{0}:{1} has the {2} '{3}' again": '{0}:{1} 再次出现{2:word}“{3}”',
  'each {0} once': '每个{0:word}一次',
  'Remove one of the rows.': '请删除其中一行。',
  "{0} has nothing in '{1}'": '{0} 的“{1}”全为空',
  'columns of which every one says something about a {0}': '每一列都说明某个{0:word}',
  'Correct the name of the column (--id-column).': '请更正列名（--id-column）。',
  "ids such as '{0}' in the interactions, and such as '{1}' in the table": '交互记录中的 id 如“{0}”，表中的 id 如“{1}”',
  'the same ids in both': '两边相同的 id',
  "Name the column of the table that holds the interactions' ids (--id-column), or write them alike: 101.0 is another id than 101, and ' a' than 'a'.":
    '请指明表中存放交互记录 id 的列（--id-column），或把两边写成一样：101.0 与 101 是不同的 id，“ a”与“a”也不同。',
  '{0} has the columns {1}': '{0} 的列为 {1}',
  "one that holds the {0}, such as '{1}'": '一列存放{0:word}，例如“{1}”',
  "; where '{0}' holds all items of a user, give --layout sequences":
    '；如果“{0}”存放某个用户的全部物品，请加 --layout sequences',
  'Name the column of the {0} (--{1}-column); give all column names (--names) where the file has no header line{2}.':
    '请指明{0:word}所在的列（--{1}-column）；文件没有表头行时请给出全部列名（--names）{2}。',
  '{0} has {1} ids with half a character (a lone surrogate), and {2} differs from another only in it':
    '{0} 中有 {1} 个 id 只含半个字符（孤立的代理项），其中 {2} 仅在此处与另一个不同',
  'ids that stay different as UTF-8 text': '写成 UTF-8 文本后仍各不相同的 id',
  'Write these ids out whole: whatever cut them off in the middle of a character must leave that out.':
    '请完整写出这些 id：在字符中间截断的，应整个去掉该字符。',
  "{0} of {1} rows have {2} in '{3}', which counts as one {4} of that name: if it stands for nothing, leave these rows out (--drop-invalid) or name another column (--{5}-column)":
    '{1} 行中有 {0} 行的“{3}”为 {2}，它们会被算作同名的一个{4:word}：如果它表示空缺，请略去这些行（--drop-invalid）或指明另一列（--{5}-column）',
  'one user, {0}, has {1} of {2} rows: is it somebody? (--user-column)':
    '一个用户 {0} 占了 {2} 行中的 {1} 行：这是真实的人吗？（--user-column）',
  "{0} of {1} {2} ids in '{3}' have spaces around them, such as {4}: they are kept, and are other ids than those without (on the command line, give them as JSON: '{5}')":
    "“{3}”中 {1} 个{2:word} id 有 {0} 个前后带空格，例如 {4}：它们按原样保留，与不带空格的是不同的 id（在命令行上请写成 JSON：'{5}'）",
  "{0} of {1} item ids in '{2}' are lists, such as {3}, each taken for one item: where a row holds all items of a user, give --layout sequences and --history-column":
    '“{2}”中 {1} 个物品 id 有 {0} 个是列表，例如 {3}，每个被当作一个物品：如果一行存放某个用户的全部物品，请加 --layout sequences 和 --history-column',
  '; {0} of them are there in both ways': '；其中 {0} 个两种写法都有',
  "{0} of {1} {2} ids in '{3}' are written as {4}, which is another id than {5}{6}":
    '“{3}”中 {1} 个{2:word} id 有 {0} 个写成 {4}，与 {5} 是不同的 id{6}',
  "the {0} is read from '{1}'; {2} could be meant as well (--{3}-column)":
    '{0:word}读自“{1}”；也可能是{2}（--{3}-column）',
  'leave-one-out: the last interaction of each user with at least {0} is tested, the one before it validates':
    '留一法：至少有 {0} 次交互的用户，最后一次用于测试，前一次用于验证',
  'all interactions are trained on': '全部交互记录都用于训练',
  'interactions without times': '没有时间的交互记录',
  'a time in every row for a split by time': '按时间划分时，每行都要有时间',
  'Name the column of the time (--time-column), or split otherwise (--split leave-one-out).':
    '请指明时间所在的列（--time-column），或换一种划分（--split leave-one-out）。',
  'no interaction for the {0} part with cuts at {1} and {2}': '按 {1} 和 {2} 切分时，{0:word}部分没有交互记录',
  'times on both sides': '切分点两侧都有时间',
  'Choose other points in time.': '请选择其他时间点。',
  'global time split: training before {0}, test from {1}': '全局时间划分：{0} 之前训练，{1} 起测试',
  'a validation share of {0} and a test share of {1}': '验证比例 {0}，测试比例 {1}',
  'shares from 0, the second above it, that together stay below 1': '从 0 起的比例，第二个大于 0，两者之和小于 1',
  'Choose, for example, --valid-share 0.1 and --test-share 0.1.': '请选择例如 --valid-share 0.1 和 --test-share 0.1。',
  "{0}:{1}, in '{2}'": '{0}:{1}，“{2}”中',
  'lists that are all written in one way': '写法一致的列表',
  'Say what separates the items with --list-delimiter, such as \',\' or \' \', or write each list as JSON, such as ["a","b"].':
    '请用 --list-delimiter 指明物品之间的分隔符，例如“,”或空格；或把每个列表写成 JSON，例如 ["a","b"]。',
  '{0} has {1} with brackets, and row {2} {3} without': '{0} 的 {1} 带括号，而第 {2} 行的 {3} 不带',
  '{0} has {1}, and row {2} {3}: {4} and {5} may separate the items':
    '{0} 有 {1}，而第 {2} 行有 {3}：{4} 和 {5} 都可能是物品之间的分隔符',
  '{0} has {1}: {2} and spaces may separate the items': '{0} 有 {1}：{2} 和空格都可能是物品之间的分隔符',
  'is a set, which says nothing of the order of time': '是集合，不表示时间先后',
  "{0}:{1} has {2} in '{3}', which {4}": '{0}:{1} 的“{3}”中有 {2}，它{4}',
  'a list of ids in the order of time, such as ["a","b"], [\'a\', \'b\'], [1 2 3], (1, 2), a,b or a|b':
    '按时间先后排列的 id 列表，例如 ["a","b"]、[\'a\', \'b\']、[1 2 3]、(1, 2)、a,b 或 a|b',
  'Write the list as JSON, or say what separates the items with --list-delimiter.':
    '请把列表写成 JSON，或用 --list-delimiter 指明物品之间的分隔符。',
  'the core size {0}': '核心大小 {0}',
  'no interaction left of {0}': '{0} 条交互记录一条不剩',
  'Choose a smaller whole number from 1 (--k-core), or give more data.':
    '请选择较小的正整数（--k-core），或提供更多数据。',
  'does not end with its list': '没有随列表结束',
  'goes on after its list': '在列表之后还有内容',
  'has no brackets': '没有括号',
  'does not end: it seems to be cut off': '没有结束：似乎被截断了',
  'is cut short by its dots: it does not hold all members': '被省略号截短：没有包含全部成员',
  'holds {0}': '含有 {0}',
  'holds a list or an object': '含有列表或对象',
  'holds {0}…': '含有 {0}……',
  'has a quote that does not end': '有一个没有闭合的引号',
  'may be one text with spaces, or several without commas': '可能是一段带空格的文本，也可能是几段没有逗号的文本',
  'the list of ids {0}': 'id 列表 {0}',
  'texts and numbers alone': '只含文本和数字',
  'Write, for example, ["a","b"].': '请写成例如 ["a","b"]。',
  '{0} gives no rows': '{0} 没有返回任何行',
  'at least one row': '至少一行',
  'Check the query.': '请检查查询语句。',
  'the id of a user and of an item in every row': '每行都有用户 id 和物品 id',
  'Fill it in, or leave invalid rows out (--drop-invalid).': '请填上，或略去无效的行（--drop-invalid）。',
  "{0}:{1} has the time {2} in '{3}'": '{0}:{1} 的“{3}”中时间为 {2}',
  'a time of the unit that was named, {0}': '所指单位的时间，即{0}',
  'Correct it, name another column (--time-column {0}, or none to read none), or leave invalid rows out (--drop-invalid).':
    '请更正它，指明另一列（--time-column {0}，或 none 表示不读），或略去无效的行（--drop-invalid）。',
  "{0}:{1} has the rating {2} in '{3}'": '{0}:{1} 的“{3}”中评分为 {2}',
  'a number, such as 4.5 or 4,5 (what has a comma in front of three digits could be thousands)':
    '一个数，例如 4.5 或 4,5（三位数字前的逗号可能是千位分隔符）',
  "Correct it, name another column (--rating-column, 'none' to read none), or leave invalid rows out (--drop-invalid).":
    '请更正它，指明另一列（--rating-column，“none”表示不读），或略去无效的行（--drop-invalid）。',
  "no list in '{0}' has more than one item, such as {1}: if it is several, say what separates them with --list-delimiter":
    '“{0}”中没有任何列表含多于一个物品，例如 {1}：如果它是多个，请用 --list-delimiter 指明分隔符',
  "{0}:{1} holds a second sequence of the user '{2}'": '{0}:{1} 含有用户“{2}”的第二个序列',
  'one row a user': '每个用户一行',
  "Keep his longest row. RecBole's training files hold each history in pieces; the test file holds it whole.":
    '请保留其最长的一行。RecBole 的训练文件把历史分段存放；测试文件则是完整的。',
  'no column of times is read, so the order of the rows decides what comes last and is tested':
    '没有读取时间列，因此由行的先后决定哪一条是最后的、用于测试',
  ', the newest first': '，最新的在前',
  "'{0}' looks like times{1}: if it is, give --time-column '{2}'":
    "“{0}”看起来像时间{1}：如果是，请加 --time-column '{2}'",
  "what stands in '{0}' are not all times": '“{0}”中的内容不全是时间',
  'ids separated by commas, or a JSON list': '用逗号分隔的 id，或 JSON 列表',
  'a file of ids, a,b,c or a JSON list': '写有 id 的文件、a,b,c 或 JSON 列表',
  'users with at least {0} and items with at least {1} interactions among themselves':
    '彼此之间至少有 {0} 次交互的用户和至少有 {1} 次交互的物品',
};
