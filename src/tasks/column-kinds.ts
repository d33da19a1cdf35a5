import { KNOWN_NAMES, plainName } from '../data/interactions/column-names.js';

const LABELS = [
  ...[
    'label',
    'labels',
    'class',
    'category',
    'sentiment',
    'intent',
    'topic',
    'target',
    'tag',
    'type',
    'kind',
    'polarity',
  ],
  ...['标签', '类别', '分类', '情感', '类型', '意图', '主题', '倾向'],
  ...['kategorie', 'klasse', 'stimmung', 'thema', 'absicht', 'etikett', 'typ', 'art', 'einordnung'],
  ...['catégorie', 'classe', 'étiquette', 'thème', 'sujet', 'categoría', 'clase', 'etiqueta', 'tema', 'sentimiento'],
];
const TEXTS = [
  ...['text', 'sentence', 'review', 'message', 'content', 'comment', 'body', 'description', 'question', 'title'],
  ...['subject', 'reviewtext', 'summary', 'headline', 'feedback', 'utterance', 'query', 'post', 'tweet', 'ticket'],
  ...[
    '文本',
    '内容',
    '评论',
    '句子',
    '消息',
    '留言',
    '标题',
    '正文',
    '评价',
    '评价内容',
    '评论内容',
    '问题',
    '描述',
    '反馈',
  ],
  ...['nachricht', 'beschreibung', 'kommentar', 'bewertungstext', 'inhalt', 'anfrage', 'frage', 'titel', 'betreff'],
  ...['rezension', 'rückmeldung', 'satz', 'meldung', 'freitext', 'texte', 'commentaire', 'contenu', 'titre', 'phrase'],
  ...['texto', 'comentario', 'mensaje', 'contenido', 'título', 'frase', 'reseña', 'opinión', 'descripción', 'pregunta'],
];
const RATINGS = [
  ...KNOWN_NAMES.rating,
  ...['bewertung', 'sterne', 'note', 'punkte', 'étoiles', 'estrellas', 'puntuación', 'valoración', 'calificación'],
];

const setOf = (names: readonly string[]) => new Set(names.map(plainName));
const [labels, texts, ratings] = [setOf(LABELS), setOf(TEXTS), setOf(RATINGS)];

/** Whether a column is called as one of labels is, */
export const isLabelName = (name: string): boolean => labels.has(plainName(name));

/** of texts, */
export const isTextName = (name: string): boolean => texts.has(plainName(name));

/** of ratings. */
export const isRatingName = (name: string): boolean => ratings.has(plainName(name));
