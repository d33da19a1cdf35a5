/** A made-up shop for the examples: 24 things of four kinds, and people who mostly stay with two kinds. */
const KINDS = {
  tea: ['Jasmine green tea', 'Oolong of Anxi', 'Smoked black tea', 'White peony tea', 'Barley tea', 'Mint tea'],
  cups: ['Celadon cup', 'Glass teapot', 'Bamboo whisk', 'Clay teapot', 'Porcelain saucer', 'Tea tray'],
  sweets: ['Almond biscuits', 'Candied ginger', 'Sesame brittle', 'Mooncake', 'Dried mango', 'Rice crackers'],
  books: ['The book of tea', 'Pottery at home', 'A year of baking', 'Walks in Fujian', 'Glazes', 'Old recipes'],
};

export const items = Object.entries(KINDS).flatMap(([kind, titles]) =>
  titles.map((title, i) => ({ item_id: `${kind}-${i + 1}`, title, kind })),
);

/** Orders, the oldest of each person first. */
export const orders = Array.from({ length: 120 }, (_, person) => {
  const kinds = Object.keys(KINDS);
  const first = kinds[person % 4]!;
  const second = kinds[(person + 1 + (person % 3)) % 4]!;
  return Array.from({ length: 6 }, (_, t) => ({
    user_id: `person-${person + 1}`,
    item_id: `${t % 3 === 2 ? second : first}-${1 + ((person * 7 + t * 5 + (t % 2)) % 6)}`,
    time: `2026-0${1 + t}-${String(1 + (person % 28)).padStart(2, '0')}`,
  }));
}).flat();
