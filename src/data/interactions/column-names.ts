/** A column's name without case, spaces and marks: what names are compared by. */
export function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

const KEYS = ['id', 'ids', 'key', 'code', 'no', 'num', 'number', 'uuid', 'guid', 'hash', 'idx', 'index', ''];
const CHINESE_KEYS = [
  'id',
  '编号',
  '编码',
  '代码',
  '標識',
  '标识',
  '號',
  '号',
  '編號',
  '',
  '名',
  '名称',
  '标题',
  '昵称',
];

/** Each word with everything that makes a key of it, the word by itself last. */
const keysOf = (words: readonly string[]) => words.flatMap((word) => KEYS.map((key) => word + key));
/** By what a shop's export knows its customers, where it has no number of theirs. */
const REACHED_BY = ['会员名', '账号', '手机号', '手机号码', '手机', '电话', '电话号码', '微信号', '邮箱', '邮件地址'];
const chineseKeysOf = (words: readonly string[]) => words.flatMap((word) => CHINESE_KEYS.map((key) => word + key));

/** The names that data sets give their columns, the surest first. */
export const KNOWN_NAMES = {
  user: [
    ...keysOf(['user']),
    'uid',
    'userpseudoid',
    ...keysOf(['reviewer', 'customer', 'member', 'client', 'account', 'reader', 'buyer', 'visitor', 'subscriber']),
    ...keysOf([
      'shopper',
      'consumer',
      'viewer',
      'listener',
      'player',
      'learner',
      'student',
      'person',
      'patron',
      'guest',
    ]),
    ...['username', 'profilename', 'reviewprofilename', 'author', 'authorid', 'fullvisitorid', 'cust', 'custid'],
    ...chineseKeysOf(['用户', '用戶', '会员', '會員', '客户', '客戶', '顾客', '顧客', '买家', '買家', '读者', '讀者']),
    ...chineseKeysOf(['访客', '訪客', '账号', '帐号', '账户', '使用者', '消费者', '消費者', '玩家', '听众', '观众']),
    ...['用户', '会员', '客户', '顾客', '买家', '收货人'].flatMap((who) => REACHED_BY.map((by) => who + by)),
    ...['手机号', '手机号码'],
    ...keysOf(['session']),
    ...chineseKeysOf(['会话', '會話']),
  ],
  item: [
    ...keysOf(['item']),
    ...['iid', 'movieid', 'parentasin', 'asin', 'productid', 'bookid', 'businessid', 'gameid', 'articleid', 'newsid'],
    ...['trackid', 'songid', 'artistid', 'videoid', 'sku', 'skuid', 'stockcode', 'itemname'],
    ...keysOf(['product', 'movie', 'book', 'business', 'game', 'article', 'news', 'track', 'song', 'artist', 'video']),
    ...keysOf(['content', 'listing', 'offer', 'app', 'anime', 'beer', 'wine', 'recipe', 'restaurant', 'venue', 'poi']),
    ...keysOf(['hotel', 'property', 'course', 'job', 'post', 'paper', 'document', 'doc', 'show', 'series', 'album']),
    ...keysOf(['playlist', 'podcast', 'episode', 'film', 'merchandise', 'goods', 'isbn', 'upc', 'ean', 'gtin']),
    ...['barcode', 'productname', 'tconst', 'itemsku', 'productsku', 'beerbeerid'],
    ...chineseKeysOf([
      '商品',
      '物品',
      '产品',
      '產品',
      '宝贝',
      '货品',
      '项目',
      '项',
      '图书',
      '书籍',
      '书',
      '電影',
      '电影',
    ]),
    ...chineseKeysOf([
      '歌曲',
      '音乐',
      '视频',
      '影片',
      '文章',
      '新闻',
      '内容',
      '课程',
      '游戏',
      '应用',
      '餐厅',
      '酒店',
      '店铺',
    ]),
    '货号',
    'sku编码',
  ],
  items: [
    ...['itemidlist', 'itemids', 'items', 'itemlist', 'sequence', 'history', 'itemsequence', 'itemseq', 'seq', 'hist'],
    ...['userhistory', 'clickhistory', 'clicks', 'products', 'productids', 'movies', 'movieids', 'asins', 'newsids'],
    ...['histories', 'interactions', 'sessionitems', 'visited', 'watched', 'purchases', 'basket', 'list'],
    ...[
      '历史',
      '歷史',
      '历史记录',
      '序列',
      '商品列表',
      '物品列表',
      '商品序列',
      '浏览历史',
      '购买历史',
      '点击历史',
      '浏览记录',
      '购买记录',
    ],
  ],
  time: [
    ...['timestamp', 'time', 'unixreviewtime', 'datetime', 'date', 'createdat', 'ts', 'eventtime', 'unixtimestamp'],
    ...['unixtime', 'epoch', 'eventtimestamp', 'timems', 'timestampms', 'reviewtime', 'reviewdate', 'dateadded'],
    ...['eventdate', 'ratingtime', 'ratingdate', 'ratingtimestamp', 'purchasedate', 'purchasetime', 'orderdate'],
    ...[
      'ordertime',
      'visitdate',
      'visittime',
      'clicktime',
      'viewtime',
      'watchedat',
      'playedat',
      'listenedat',
      'readat',
    ],
    ...['createtime', 'createdtime', 'createddate', 'creationdate', 'createdon', 'transactiondate', 'transactiontime'],
    ...['invoicedate', 'tdat', 'timestampnum', 'utctime', 'logtime', 'servertime', 'occurredat', 'when', 'datestamp'],
    ...[
      '时间戳',
      '时间',
      '時間',
      '時間戳',
      '日期',
      '下单时间',
      '下单日期',
      '购买时间',
      '购买日期',
      '订单时间',
      '订单日期',
      '成交时间',
    ],
    ...[
      '支付时间',
      '付款时间',
      '创建时间',
      '交易时间',
      '交易日期',
      '点击时间',
      '浏览时间',
      '访问时间',
      '访问日期',
      '评论时间',
      '评论日期',
    ],
    ...[
      '评价时间',
      '评分时间',
      '行为时间',
      '发生时间',
      '操作时间',
      '收藏时间',
      '播放时间',
      '观看时间',
      '阅读时间',
      '日期时间',
    ],
  ],
  rating: [
    ...[
      'rating',
      'score',
      'overall',
      'stars',
      'ratings',
      'star',
      'starrating',
      'userrating',
      'bookrating',
      'ratingvalue',
    ],
    ...['reviewscore', 'reviewrating', 'reviewoverall', 'userscore', 'movierating', 'itemrating', 'ratingscore'],
    ...['评分', '评分值', '打分', '星级', '得分', '分数', '评级', '評分', '評級', '星級', '用户评分'],
  ],
} as const satisfies Record<string, readonly string[]>;

export type ColumnRole = keyof typeof KNOWN_NAMES;

const OF_A_TIME =
  /^(?:time|timestamp|ts|date|datetime)(?=[^a-z]|utc|ms|sec|added|of|$)|(?:time|timestamp|date|datetime|ts|tstamp|(?<=[_\s-])(?:at|on))$|时间|時間|日期/i;
const OF_A_MEETING =
  /^(?:dt|stamp|when|visit(?:ed)?|view(?:ed)?|click(?:ed)?|purchased?|bought|order(?:ed)?|played|watched|listened|rated|reviewed|added|created|occurred|happened|logged|read)(?:[_\s-]?dt)?$/i;
/** What is told of an item, a user or a service, and not of their meeting. */
const OF_SOMETHING_ELSE =
  /release|publi|birth|expir|life|zone|frame|run_?time|play_?time|duration|update|modif|deliver|ship|join|regist|sign_?up|launch|valid|due|end|last|first|spent|dwell|上映|出版|发布|出生|生日|注册|上架|时区|时长|更新|到期|发货|收货|最后|最近|首次|登录|结束/i;

/** Whether a column is called as if it held the time of something that a user did: its values must say whether it does. */
export function mayBeTime(name: string): boolean {
  const bare = name.trim();
  return (OF_A_TIME.test(bare) && !OF_SOMETHING_ELSE.test(bare)) || OF_A_MEETING.test(bare);
}
