import type { Random } from '../seeded/random.ts'

/** A fictional county: the names are put together from what is common in the country, none means a real place. */
export const countyName = '青岚县'
export const companyName = `${countyName}供电公司`
export const companyCode = 'QL'
export const riverNames = ['青岚河', '柳溪', '白石港'] as const

const townNames = [
  '城关',
  '柳溪',
  '石桥',
  '云岭',
  '临江',
  '枫林',
  '白鹭',
  '双河',
  '梅川',
  '东湖',
  '马坪',
  '新集',
  '沙洋',
  '竹山',
  '龙泉',
  '观音',
  '横店',
  '月山',
  '清水',
  '三河',
  '茶店',
  '官塘',
  '湖滨',
  '高桥',
]
const surnames =
  '李张王陈刘周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文'
const settlements = [
  '家湾',
  '家塘',
  '家冲',
  '家畈',
  '家墩',
  '家垸',
  '家嘴',
  '家岭',
  '家坳',
  '家桥',
  '家榨',
  '家河',
  '家铺',
  '家咀',
  '家店',
]
const colours = '青白黄石长大小新古双三龙凤云松竹荷梅枣桂茶柳沙花'
const landmarks = '山塘桥溪坪井坡岭湖岗港寺庙泉堰洲'
const villages = [
  '红旗村',
  '前进村',
  '五里村',
  '金星村',
  '向阳村',
  '桃源村',
  '永安村',
  '太平村',
  '幸福村',
  '联合村',
  '和平村',
  '团结村',
  '胜利村',
  '民主村',
]
const givenNames =
  '建国 志强 海涛 文斌 国庆 春生 小军 德华 晓东 立新 明辉 永刚 卫民 金生 长林 玉兰 秀英 丽华 桂芳 春燕 红梅 国强 家旺 世平 志远 宏伟 学文 庆丰 天明 水生 俊杰 勇 军 磊 涛 敏 静 鹏 波 辉'.split(
    ' ',
  )
const streetNames = [
  '人民路',
  '建设路',
  '新华街',
  '中山路',
  '解放路',
  '文化街',
  '沿河路',
  '东风路',
  '和平街',
  '胜利路',
  '青年路',
  '迎宾大道',
]

export const townName = (index: number): string =>
  townNames[index] ?? `${townNames[index % townNames.length]!}${Math.floor(index / townNames.length) + 1}`

/** Village names without repetition as long as the stock lasts, then numbered. */
export function createVillageNames(random: Random): () => string {
  const family = settlements.flatMap((settlement) =>
    [...surnames].map((surname) => `${surname}${settlement}`),
  )
  const land = [...colours].flatMap((colour) => [...landmarks].map((mark) => `${colour}${mark}村`))
  const stock = interleaved(shuffled(random, family), shuffled(random, [...villages, ...land]))
  let given = 0
  return () => {
    const name = stock[given % stock.length]!
    const round = Math.floor(given++ / stock.length)
    return round === 0 ? name : `${name}${round + 1}组`
  }
}

export const streetName = (index: number): string => streetNames[index % streetNames.length]!

export function createPersonNames(random: Random): () => string {
  const given = new Set<string>()
  return () => {
    for (let attempt = 0; ; attempt++) {
      const name =
        random.pick([...surnames.slice(0, 60)]) +
        random.pick(givenNames) +
        (attempt > 20 ? random.pick(['生', '华', '明']) : '')
      if (given.has(name)) continue
      given.add(name)
      return name
    }
  }
}

export const maskedPhone = (random: Random): string =>
  `1${random.pick(['38', '39', '35', '37', '50', '58', '86', '88'])}****${String(random.integer(0, 9999)).padStart(4, '0')}`

function shuffled(random: Random, items: string[]): string[] {
  for (let i = items.length - 1; i > 0; i--) {
    const other = random.integer(0, i)
    ;[items[i], items[other]] = [items[other]!, items[i]!]
  }
  return items
}

const interleaved = (a: readonly string[], b: readonly string[]): string[] =>
  a.flatMap((item, i) => (b[i] === undefined ? [item] : [item, b[i]]))
