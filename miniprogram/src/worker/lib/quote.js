// 报价 as a form: items of the published list, how much of each, who brings which material. Pure.
//
// What is shown here is reckoned as the server does it (app/orders/quote_rules.py): less than one fen is not charged.

import { fenOf, yuan } from '../../lib/words.js'

export const EMPTY = { lines: [], note: '', waive: false }
export const MOST_LINES = 20
export const MOST_OF_ONE = 99900 // hundredths

/** Who brings the material; the codes are the server's. */
export const MATERIAL = [
  { code: 'none', text: '不用材料', hint: '' },
  { code: 'resident', text: '居民自己买', hint: '材料不收钱' },
  { code: 'company', text: '我代买', hint: '写明什么材料、多少钱' },
]

const BY_HALVES = ['米', '㎡', '平方米']
const CHINA_MS = 8 * 3600 * 1000

/** How much one press of plus or minus is: half a metre, or one piece. */
export function stepOf(item) {
  return BY_HALVES.includes(item.unit) ? 50 : 100
}

export function newLine(item) {
  return { code: item.code, count: 100, by: 'none', material: '', yuan: '' }
}

/** The quantity after a press, never less than one step. */
export function counted(line, item, by) {
  const step = stepOf(item)
  return Math.min(MOST_OF_ONE, Math.max(step, line.count + by * step))
}

/** 1.5 米 */
export function quantityWords(line, item) {
  return `${line.count / 100} ${item.unit}`
}

/** ¥30.00/个,房管局上限 ¥50.00 */
export function priceWords(item) {
  const ceiling = item.ceiling_fen ? `,房管局上限 ${yuan(item.ceiling_fen)}` : ''
  return `${yuan(item.most_fen)}/${item.unit}${ceiling}${item.note ? `。${item.note}` : ''}`
}

/** Labour and material of one line in fen. */
export function lineFen(line, item) {
  return Math.floor((line.count * item.most_fen) / 100) + materialFen(line)
}

function materialFen(line) {
  return line.by === 'company' ? fenOf(line.yuan) || 0 : 0
}

/** What these lines come to in fen, by the published prices; in a free estate that is what is struck through. */
export function totalFen(lines, items) {
  return known(lines, items).reduce((sum, [line, item]) => sum + lineFen(line, item), 0)
}

function known(lines, items) {
  return lines.map((line) => [line, items.find((each) => each.code === line.code)]).filter(([, item]) => item)
}

/** What is missing before this can be sent, in one sentence; empty when nothing is. */
export function problemIn(form, prices) {
  if (!form.lines.length) return '请至少选一项'
  for (const line of form.lines) {
    const item = prices.items.find((each) => each.code === line.code)
    if (!item) return `价目表里已经没有“${line.code}”,请删除这一项`
    const wrong = materialProblem(line, prices.free)
    if (wrong) return `${item.name}:${wrong}`
  }
  return ''
}

function materialProblem(line, free) {
  if (line.by === 'none') return ''
  if (!line.material.trim()) return '请写用什么材料'
  if (line.by === 'resident' || free) return ''
  return fenOf(line.yuan) === null ? '请写材料多少钱,例如 15 或 15.50' : ''
}

/** What goes to POST /orders/{id}/quote. */
export function bodyOf(form, prices) {
  const body = { lines: form.lines.map((line) => lineOf(line, prices)), note: form.note.trim() }
  return form.waive ? { ...body, waive_visit_fee: true } : body
}

function lineOf(line, prices) {
  const sent = { item_code: line.code, quantity_hundredths: line.count }
  if (line.by === 'none') return sent
  const fen = prices.free ? 0 : materialFen(line)
  return { ...sent, material_by: line.by, material: line.material.trim(), material_fen: fen }
}

/** The form again, from a quote that was refused. */
export function formOf(body) {
  const lines = body.lines.map((line) => ({
    code: line.item_code,
    count: line.quantity_hundredths,
    by: line.material_by || 'none',
    material: line.material || '',
    yuan: line.material_by === 'company' ? String((line.material_fen || 0) / 100) : '',
  }))
  return { lines, note: body.note, waive: Boolean(body.waive_visit_fee) }
}

const FIRST_SHOWN = 8

/** Items to choose from: the first ones, all of them, or those that are searched; a night fee only at night. */
export function itemsShown(items, { words = '', all = false, now = Date.now() } = {}) {
  const said = words.trim().toUpperCase()
  const fits = items.filter((item) => (!item.night || isNight(now)) && (item.name.includes(said) || item.code.startsWith(said)))
  return all || said ? fits : fits.slice(0, FIRST_SHOWN)
}

function isNight(now) {
  const hour = new Date(now + CHINA_MS).getUTCHours()
  return hour >= 22 || hour < 7
}
