// What an estate makes public of its money: prices, contract, and the revenue of the common parts. Pure.

const SECTIONS = [
  { section: 'income', label: '收入', look: 'income' },
  { section: 'cost', label: '支出', look: 'cost' },
]

/** 2026年1月1日, from 2026-01-01: a date that stands on a notice board is written out. */
export function dateWords(iso) {
  const [year, month, day] = iso.split('-').map(Number)
  return `${year}年${month}月${day}日`
}

/** 正式合同,2026年8月1日起,2029年7月31日止 */
export function contractWords({ contract_kind: kind, contract_from: from, contract_until: until }) {
  const named = kind ? `${kind}合同` : '物业服务合同'
  return [named, from && `${dateWords(from)}起`, until && `${dateWords(until)}止`].filter(Boolean).join(',')
}

/** Each estate of these homes once: [{ id, name }]. */
export function estatesOf(homes) {
  const found = new Map(homes.map((home) => [home.estate_id, home.estate]))
  return [...found].map(([id, name]) => ({ id, name }))
}

/** For MoneyBars: what came from where and was spent on what in this quarter, all on one scale. */
export function sourcesAndCosts(quarter) {
  return SECTIONS.map(({ section, label, look }) => ({
    label,
    look,
    bars: quarter.lines.filter((line) => line.section === section).map((line) => ({ label: line.label, fen: line.amount_fen })),
  })).filter(({ bars }) => bars.length)
}

/** For MoneyLines: how the closing balance came about. */
export function sumsOf(quarter) {
  const moved = quarter.moved_fen
  return [
    { label: '季度初的结余', fen: quarter.opening_fen },
    { label: '加上收入', fen: quarter.income_fen },
    { label: '减去支出', fen: quarter.cost_fen },
    ...(moved ? [{ label: moved > 0 ? '加上业主结余转入' : '减去业主结余转出', fen: Math.abs(moved) }] : []),
    { label: '季度末的结余', fen: quarter.closing_fen },
  ]
}

/** For MoneyBars: the balances side by side, the oldest first. */
export function balances(quarters) {
  const bars = [...quarters].reverse().map((each) => ({ label: each.label, fen: each.closing_fen }))
  return [{ label: '季度末的结余', look: 'income', bars }]
}

/** How long a bar is beside the longest one of all groups, in per cent; what is not above zero has none. */
export function percentOf(fen, groups) {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map((bar) => bar.fen)))
  return fen > 0 ? Math.max(1, Math.round((fen / most) * 100)) : 0
}
