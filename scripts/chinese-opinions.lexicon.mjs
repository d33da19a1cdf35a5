// Words of one polarity, opposites, and English glosses of opinion words.
import { list } from './chinese-opinions.aspects.mjs';

export const praise =
  list(`好 美 优秀 出色 精彩 善良 勇敢 聪明 勤劳 诚实 可爱 美丽 漂亮 温柔 体贴 热情 大方 慷慨 谦虚 真诚 可靠 忠诚 正直 公正 幸福 快乐 高兴 开心 愉快
喜悦 满意 舒服 舒适 舒心 安心 放心 甜蜜 温馨 温暖 轻松 自在 惬意 干净 整洁 清新 新鲜 美味 可口 好吃 好喝 好看 好听 好玩 好用 实用 方便 便宜 实惠 划算 结实 耐用 精致 精美 细腻 流畅 清晰
稳定 安全 高效 迅速 准时 周到 贴心 耐心 细心 专业 认真 负责 礼貌 友好 亲切 和蔼 幽默 风趣 生动 感人 动人 深刻 充实 丰富 有趣 新颖 独特 经典 完美 卓越 杰出 一流 顶级 优质 上乘 过硬 成功 胜利 进步 健康 繁荣
和谐 欣慰 感激 感谢 喜欢 热爱 喜爱 欣赏 赞美 表扬 称赞 佩服 敬佩 推荐 支持 信任 值得 惊喜 享受 惊艳 给力 靠谱 良心 真香 超值 点赞 暖心 治愈 过瘾 省心 省力 到位 地道 正宗 大气 优雅 宽敞 明亮 安静 宁静
物美价廉 物超所值 名不虚传 赏心悦目 心旷神怡 流连忘返 回味无穷 爱不释手 赞不绝口 心满意足 无微不至 宾至如归 井井有条 井然有序 一尘不染 尽善尽美 十全十美 栩栩如生 引人入胜 扣人心弦 妙不可言 锦上添花 雪中送炭 童叟无欺
精益求精 货真价实 有口皆碑 令人赞叹 出类拔萃 无可挑剔 恰到好处 得心应手 巧夺天工 别具一格 独具匠心 喜出望外 受益匪浅 妙趣横生 美不胜收 不虚此行 心想事成 喜笑颜开 眉开眼笑 兴高采烈 其乐融融 一丝不苟 尽心尽力 任劳任怨 医术高明 妙手回春 脍炙人口 百听不厌
余音绕梁 入木三分 雅俗共赏 深入浅出 循循善诱 平易近人 善解人意 彬彬有礼 和颜悦色 光明磊落 大公无私 前途无量 蒸蒸日上 焕然一新 如沐春风 称心如意 皆大欢喜 津津有味 色香味俱全 立竿见影 有求必应 雷厉风行 耳目一新 可圈可点 叹为观止 拍案叫绝 不负众望`);

export const blame =
  list(`坏 差 丑 糟糕 恶劣 拙劣 邪恶 胆小 愚蠢 懒惰 虚伪 讨厌 丑陋 粗暴 粗鲁 冷漠 冷淡 小气 自私 贪婪 傲慢 狡猾 阴险 卑鄙 无耻 痛苦 悲伤 难过 伤心 郁闷 烦躁 愤怒 生气
失望 绝望 后悔 不满 难受 恶心 委屈 焦虑 害怕 恐惧 压抑 肮脏 脏乱 混乱 破旧 腐烂 难吃 难喝 难看 难听 无聊 难用 鸡肋 麻烦 昂贵 离谱 坑人 脆弱 易坏 粗糙 简陋 劣质 卡顿 模糊
死机 危险 低效 缓慢 拖延 敷衍 马虎 急躁 粗心 业余 草率 推诿 无礼 敌意 刻薄 凶狠 枯燥 乏味 呆板 做作 煽情 肤浅 空洞 单调 沉闷 老套 平庸 俗气 残缺 低劣 落后 末流 次品 假货 伪劣 山寨 失败 退步 疾病 衰败
冲突 心寒 怨恨 抱怨 厌恶 痛恨 嫌弃 鄙视 批评 指责 谴责 轻视 劝退 抵制 欺骗 不值 惊吓 折磨 吐槽 坑爹 忽悠 黑心 踩雷 上当 差评 寒心 闹心 扫兴 糟心 费劲 缺斤短两 腥臭 油腻 寒酸 低俗 狭窄 昏暗 吵闹 嘈杂
质次价高 名不副实 徒有虚名 惨不忍睹 大失所望 败兴而归 味同嚼蜡 弃如敝屣 怨声载道 怒气冲冲 爱答不理 推三阻四 乱七八糟 一塌糊涂 乌烟瘴气 漏洞百出 千疮百孔 粗制滥造 昏昏欲睡 莫名其妙 不知所云 画蛇添足 雪上加霜 坑蒙拐骗
偷工减料 以次充好 臭名昭著 令人发指 一无是处 不堪入目 不堪一击 手忙脚乱 东拼西凑 千篇一律 陈词滥调 火冒三丈 得不偿失 索然无味 不堪入耳 徒劳无功 事与愿违 愁眉苦脸 哭笑不得 垂头丧气 鸡飞狗跳 敷衍了事 得过且过 怨天尤人 草菅人命 误人子弟 虎头蛇尾 废话连篇
牛头不对马嘴 装腔作势 故弄玄虚 照本宣科 一问三不知 盛气凌人 蛮不讲理 出言不逊 气急败坏 阴险狡诈 自私自利 前途渺茫 每况愈下 面目全非 如坐针毡 欲哭无泪 不欢而散 难以下咽 令人作呕 无济于事 置之不理 拖泥带水 老生常谈 一言难尽 苦不堪言 忍无可忍 不敢恭维`);

/** Good word, bad word. */
export const opposites =
  list(`好—坏 干净—肮脏 优—劣 美—丑 善—恶 香—臭 快乐—悲伤 高兴—难过 满意—失望 喜欢—讨厌 热情—冷淡 耐心—急躁 礼貌—粗鲁 便宜—昂贵 实惠—坑人 好吃—难吃 好喝—难喝
好看—难看 好听—难听 好用—难用 好闻—难闻 新鲜—腐烂 安静—吵闹 宽敞—狭窄 明亮—昏暗 整洁—脏乱 舒适—难受 流畅—卡顿 清晰—模糊 稳定—不稳定 结实—脆弱 精致—粗糙 真品—假货 优质—劣质 有趣—无聊 生动—呆板 深刻—肤浅 充实—空洞
新颖—老套 自然—做作 专业—业余 认真—敷衍 细心—粗心 负责—推诿 准时—迟到 迅速—缓慢 高效—低效 简单—繁琐 方便—麻烦 安全—危险 健康—有害 公平—不公 诚实—虚伪 真诚—欺骗 大方—小气 友好—敌意 勇敢—胆小 聪明—愚蠢 勤劳—懒惰 谦虚—傲慢
幸福—痛苦 轻松—疲惫 放心—担心 信任—怀疑 推荐—劝退 表扬—批评 称赞—指责 支持—反对 好评—差评 优点—缺点 长处—短处 成功—失败 胜利—惨败 进步—退步 惊喜—惊吓 值得—不值 划算—吃亏 物美价廉—质次价高 名不虚传—徒有虚名 井井有条—乱七八糟
一尘不染—肮脏不堪 赏心悦目—不堪入目 回味无穷—索然无味 引人入胜—枯燥乏味 无微不至—爱答不理 心满意足—大失所望 精益求精—粗制滥造 货真价实—以次充好 有口皆碑—臭名昭著 深入浅出—不知所云 和颜悦色—横眉冷对 雪中送炭—落井下石 尽善尽美—一无是处 满意而归—败兴而归 真香—踩雷 靠谱—不靠谱 给力—差劲 良心—黑心 省心—闹心`);

const glossary = (text) =>
  text
    .trim()
    .split(/[;\n]+/)
    .map((pair) => pair.trim().split('=')); // English=Chinese

export const goodGlosses =
  glossary(`good=好;great=很棒;excellent=优秀;wonderful=精彩;amazing=惊人地好;awesome=太棒了;perfect=完美;beautiful=美丽;nice=不错;fine=不错;lovely=可爱;pleasant=愉快;delightful=令人高兴;
happy=快乐;glad=高兴;satisfied=满意;pleased=满意;delicious=美味;tasty=好吃;fresh=新鲜;clean=干净;tidy=整洁;comfortable=舒适;cozy=温馨;quiet=安静;spacious=宽敞;bright=明亮;friendly=友好;kind=善良;polite=礼貌;
helpful=乐于助人;patient=耐心;warm=热情;professional=专业;careful=细心;responsible=负责;honest=诚实;sincere=真诚;reliable=可靠;trustworthy=值得信赖;cheap=便宜;affordable=实惠;reasonable=合理;worth it=值得;
good value=物超所值;useful=有用;practical=实用;convenient=方便;easy to use=好用;simple=简单;fast=快;quick=迅速;efficient=高效;punctual=准时;smooth=流畅;stable=稳定;clear=清晰;sharp=清晰;durable=耐用;sturdy=结实;
well made=做工精细;exquisite=精致;elegant=优雅;stylish=时尚;pretty=漂亮;attractive=吸引人;charming=迷人;magnificent=壮丽;stunning=惊艳;breathtaking=令人惊叹;impressive=令人印象深刻;memorable=难忘;moving=感人;touching=动人;
funny=有趣;hilarious=非常好笑;humorous=幽默;witty=风趣;entertaining=好看;interesting=有意思;fascinating=引人入胜;gripping=扣人心弦;exciting=令人兴奋;thrilling=惊险刺激;clever=巧妙;smart=聪明;brilliant=精彩绝伦;creative=有创意;
original=新颖;fresh idea=新意;profound=深刻;insightful=有见地;inspiring=鼓舞人心;informative=内容丰富;rich=丰富;deep=深刻;vivid=生动;natural=自然;realistic=真实;powerful=有力;superb=一流;outstanding=出色;remarkable=了不起;
fantastic=好极了;terrific=极好;marvelous=绝妙;masterpiece=杰作;classic=经典;gem=珍品;treat=享受;pleasure=乐趣;joy=喜悦;love=喜爱;like=喜欢;enjoy=享受;admire=佩服;appreciate=欣赏;recommend=推荐;praise=称赞;thank=感谢;
support=支持;trust=信任;surprise=惊喜;success=成功;win=胜利;best=最好;better=更好;top quality=优质;safe=安全;healthy=健康;fair=公平;generous=慷慨;thoughtful=体贴;considerate=周到;attentive=无微不至;gentle=温柔;calm=平静;
relaxing=让人放松;soothing=舒缓;melodious=悦耳;catchy=朗朗上口;soft=柔软;fragrant=香;juicy=多汁;crispy=酥脆;tender=鲜嫩;authentic=地道;genuine=正品;free=免费;positive=积极;advantage=优点;strength=长处;thumbs up=点赞;
well worth seeing=值得一看;a must-see=必看;highly recommended=强烈推荐;will come again=下次还会再来;exceeded expectations=超出预期;no complaints=没有怨言;money well spent=钱花得值;works perfectly=用起来非常好;not bad=还不错;a good film=一部好电影;
a warm and funny film=一部温暖又好笑的电影;a pleasant surprise=意外的惊喜;five stars=五星;I love it=我很喜欢;very satisfied=非常满意;heartfelt=真挚;graceful=优美;delicate=细腻;refreshing=清新;compelling=令人信服;engaging=吸引人;satisfying=令人满足`);

export const badGlosses =
  glossary(`bad=坏;poor=差;terrible=糟糕;awful=糟透了;horrible=可怕;worst=最差;worse=更差;ugly=丑;nasty=恶劣;unpleasant=令人不快;sad=悲伤;angry=生气;disappointed=失望;disappointing=令人失望;dissatisfied=不满意;
tasteless=没有味道;bland=寡淡;greasy=油腻;stale=不新鲜;rotten=腐烂;dirty=脏;filthy=肮脏;messy=乱;uncomfortable=不舒服;noisy=吵;cramped=狭窄;dark=昏暗;unfriendly=不友好;rude=粗鲁;impolite=没礼貌;unhelpful=不帮忙;
impatient=不耐烦;cold=冷淡;indifferent=冷漠;amateurish=业余;careless=粗心;irresponsible=不负责任;dishonest=不诚实;fake=假的;unreliable=不可靠;untrustworthy=不可信;expensive=贵;overpriced=价格虚高;unreasonable=不合理;
not worth it=不值;waste of money=浪费钱;waste of time=浪费时间;useless=没用;impractical=不实用;inconvenient=不方便;hard to use=难用;complicated=复杂;slow=慢;late=迟到;inefficient=低效;laggy=卡顿;unstable=不稳定;blurry=模糊;
fragile=易碎;broken=坏了;defective=有缺陷;poorly made=做工粗糙;rough=粗糙;tacky=俗气;shabby=破旧;cheap-looking=廉价感;repulsive=令人反感;dull=沉闷;boring=无聊;tedious=乏味;dreary=枯燥;tiresome=令人厌烦;unfunny=不好笑;
stupid=愚蠢;silly=幼稚;dumb=蠢;ridiculous=荒唐;absurd=荒谬;predictable=毫无悬念;cliched=老套;unoriginal=没有新意;shallow=肤浅;superficial=表面;empty=空洞;hollow=空洞;confusing=让人困惑;incoherent=语无伦次;messy plot=剧情混乱;
contrived=牵强;pretentious=做作;fake smile=假笑;lifeless=毫无生气;flat=平淡;wooden acting=演技僵硬;bad acting=演技差;weak=弱;lame=蹩脚;mediocre=平庸;forgettable=看完就忘;unbearable=难以忍受;painful=痛苦;annoying=烦人;irritating=恼人;
frustrating=令人沮丧;depressing=令人压抑;disgusting=恶心;gross=恶心;sickening=令人作呕;offensive=令人反感;shameful=可耻;pathetic=可怜;failure=失败;mess=一团糟;disaster=灾难;junk=垃圾;trash=垃圾;garbage=垃圾;scam=骗局;
cheat=欺骗;hate=讨厌;dislike=不喜欢;regret=后悔;complain=抱怨;criticize=批评;blame=指责;refund=退款;avoid=避开;doubt=怀疑;shock=惊吓;lose=输;unsafe=不安全;dangerous=危险;unhealthy=不健康;unfair=不公平;stingy=小气;
harsh=刺耳;out of tune=跑调;hard=硬;smelly=臭;soggy=不脆;overcooked=煮老了;undercooked=没熟;negative=消极;disadvantage=缺点;weakness=短处;thumbs down=差评;not recommended=不推荐;never again=再也不来了;not good=不好;
below expectations=低于预期;full of problems=问题一大堆;stopped working=不能用了;fell asleep=看睡着了;a bad film=一部烂片;a dull and empty film=一部沉闷空洞的电影;an unpleasant surprise=意外的惊吓;one star=一星;I hate it=我很讨厌;
very disappointed=非常失望;lazy=懒;sloppy=马虎;clumsy=笨拙;forced=生硬;overlong=太长;tired=老掉牙;bitter=苦涩;crude=粗俗;vulgar=低俗;nonsense=胡说八道;misleading=误导人;deceptive=骗人`);
