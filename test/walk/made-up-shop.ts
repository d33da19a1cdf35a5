import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import { Random } from '../../src/random.js';

/** How large a shop is. */
export interface ShopSize {
  readonly customers: number;
  readonly goods: number;
}

export interface ShopFiles {
  readonly orders: string;
  readonly goods: string;
  readonly laterOrders: string;
  readonly laterGoods: string;
}

const KINDS = [
  ['茶具', ['紫砂', '青瓷', '玻璃', '便携', '家用'], ['茶壶', '茶杯', '公道杯', '茶盘', '茶叶罐']],
  ['户外', ['轻便', '防水', '三季', '折叠', '保暖'], ['帐篷', '睡袋', '登山包', '头灯', '水壶']],
  ['文具', ['素色', '复古', '学生', '商务', '磁吸'], ['笔记本', '钢笔', '文件夹', '橡皮', '台历']],
  ['厨房', ['不粘', '加厚', '陶瓷', '迷你', '多用'], ['炒锅', '菜刀', '砧板', '蒸笼', '饭盒']],
] as const;

/**
 * A made-up Chinese shop as Excel saves it: CSV in GB18030 with Chinese headers. Customers mostly keep to one kind of goods. The
 * later files hold new orders, of a new customer and of new goods too.
 */
export function writeShop(folder: string, { customers, goods }: ShopSize, seed = 1): ShopFiles {
  const random = new Random(seed);
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)]!;
  const kindOf = (item: number) => KINDS[item % KINDS.length]!;
  const named = (item: number) => {
    const [, marks, things] = kindOf(item);
    return `${pick(marks)}${pick(things)}${item}号`;
  };
  const row = (item: number) => [`商品${item}`, named(item), kindOf(item)[0], `${5 + random.integer(200)}.00`];
  const day = (n: number) =>
    `2026/${1 + Math.floor(n / 28)}/${1 + (n % 28)} ${8 + random.integer(12)}:${10 + random.integer(50)}`;
  const bought = (customer: number) => {
    const own = random.uniform() < 0.85 ? customer % KINDS.length : random.integer(KINDS.length);
    // of a kind the first are bought more often
    const place = Math.floor((goods / KINDS.length) * random.uniform() ** 2);
    return Math.min(goods - 1, place * KINDS.length + own);
  };
  const orders: string[][] = [];
  for (let customer = 0; customer < customers; customer++) {
    for (let n = 0, count = 6 + random.integer(12); n < count; n++) {
      orders.push([`客户${customer}`, `商品${bought(customer)}`, day(10 * n + random.integer(10)), '1']);
    }
  }
  const later = Array.from({ length: Math.ceil(customers / 3) }, (_, i) => [
    ...[`客户${i}`, `商品${i % 5 === 0 ? goods + (i % 4) : bought(i)}`, day(200 + random.integer(20)), '1'],
  ]);
  later.push(...[0, 4, 8].map((item) => ['新客户', `商品${item}`, day(221), '1']));
  const write = (name: string, header: readonly string[], rows: readonly (readonly string[])[]) => {
    const path = join(folder, name);
    writeFileSync(path, gb18030(`${[header, ...rows].map((row) => row.join(',')).join('\r\n')}\r\n`));
    return path;
  };
  const goodsHeader = ['商品编号', '商品名称', '类别', '价格'];
  const ordersHeader = ['客户编号', '商品编号', '下单时间', '数量'];
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i));
  return {
    orders: write('订单.csv', ordersHeader, orders),
    goods: write('商品.csv', goodsHeader, range(0, goods)),
    laterOrders: write('新订单.csv', ordersHeader, later),
    laterGoods: write('新商品.csv', goodsHeader, range(goods, goods + 4)),
  };
}

let codes: ReadonlyMap<string, readonly [number, number]> | undefined;

/** A text of ASCII and common Chinese characters in GB18030, which Node reads and does not write. */
function gb18030(text: string): Buffer {
  codes ??= twoByteCodes();
  return Buffer.from([...text].flatMap((character) => codes!.get(character) ?? [character.charCodeAt(0)]));
}

function twoByteCodes() {
  const decoder = new TextDecoder('gb18030');
  const found = new Map<string, readonly [number, number]>();
  for (let first = 0x81; first < 0xff; first++) {
    for (let second = 0x40; second < 0xff; second++) {
      if (second !== 0x7f) found.set(decoder.decode(Uint8Array.of(first, second)), [first, second]);
    }
  }
  return found;
}
