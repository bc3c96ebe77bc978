// A quote as the resident reads it: every line with what it costs, the sum, and what became of it.
//
// Quantities, materials and prices come in words from the server; the agreement goes back with the quote's hash.

import { yuan } from './words.js'

/** Whether the order stands until the resident has answered this quote. */
export function waitsForAnswer(order) {
  return order.status === 'QUOTED' && order.quote?.state === 'waiting'
}

/** [{ key, name, added, count, price, listed, material, materialPrice }]; `listed` is what the price list asks where less
 *  is charged. Labour and material stand apart. */
export function linesOf(quote) {
  return quote.lines.map((line, index) => ({
    key: `${index}.${line.item_code}`,
    name: line.name,
    added: quote.addition && line.added,
    count: `${line.quantity_words} × ${yuan(line.unit_price_fen)}`,
    listed: line.unit_price_fen < line.list_price_fen ? line.list_words : '',
    price: yuan(line.amount_fen - line.material_fen),
    material: line.material_fen ? line.material_words.replace(` ${yuan(line.material_fen)}`, '') : line.material_words,
    materialPrice: line.material_fen ? yuan(line.material_fen) : '',
  }))
}

/** 一共 ¥65.00 / 一共 ¥0.00,免费 */
export function totalWords(quote) {
  return `一共 ${yuan(quote.total_fen)}${quote.total_fen ? '' : ',免费'}`
}

/** What is asked before the agreement counts. */
export function agreeQuestion(quote) {
  return quote.total_fen ? `一共 ${yuan(quote.total_fen)},修好再付。同意吗?` : '这次不收费,一共 ¥0.00。同意吗?'
}

/** What the agreement binds to, and when money is asked for. */
export function agreeHint(quote) {
  return quote.total_fen ? '现在不用付钱。修好以后结算,不会超过这个数。' : '修好以后也不收费。'
}

/** What happens when it is declined. */
export function declineHint(quote, agreedFen) {
  if (quote.addition) return `新加的不做,按您原来同意的 ${yuan(agreedFen)} 接着修。`
  return `这次就不修了,工单办结。${costOfNothing(quote)}`
}

function costOfNothing(quote) {
  return quote.visit_fee_fen ? `要收上门检测费 ${yuan(quote.visit_fee_fen)}。` : '不收任何费用。'
}

/** What became of a quote that no longer waits; empty while it does. */
export function outcomeOf(order) {
  const { quote } = order
  if (quote.state === 'agreed') return `您已同意,${totalWords(quote)}。结算时不会超过这个数。`
  if (quote.addition && ['declined', 'silent'].includes(quote.state)) return droppedWords(order)
  if (quote.state === 'declined') return `您没有同意,这次没有维修。${owed(order)}`
  if (quote.state === 'silent') return `24 小时没有收到您的答复,这次没有维修。${owed(order)}`
  if (quote.state === 'cancelled') return `工单已取消。${owed(order)}`
  return ''
}

function droppedWords({ quote, agreed_fen: agreed }) {
  const why = quote.state === 'declined' ? '您没有同意新加的项目' : '24 小时没有收到您的答复,新加的项目没有加'
  return `${why},按原来同意的 ${yuan(agreed)} 修。`
}

function owed(order) {
  // What was reopened had been settled before, and that stays as it was (app/orders/settling.py, settle_visit_fee).
  if (order.round) return order.final_fen ? `这次不收费,上次结算的 ${yuan(order.final_fen)} 不变。` : '不收任何费用。'
  return order.final_fen ? `只收上门检测费 ${yuan(order.final_fen)}。` : '不收任何费用。'
}

/** 费用:待支付 ¥65.00 / 费用:免费 ¥0.00 */
export function feeWords({ pay, settlement, pay_status: state }) {
  const nothing = settlement && !settlement.total_fen ? ` ${yuan(0)}` : ''
  return `费用:${pay?.words || state}${nothing}`
}

/** What the price list asks for what was given away, to be struck through; '' when nothing was. */
export function givenAway({ settlement }) {
  return settlement && !settlement.total_fen ? settlement.list_words : ''
}

/** What 听一听 reads of a quote. */
export function spokenQuote(quote) {
  const lines = quote.lines.map((line) => `${line.name},${line.quantity_words}`).join('。')
  return `师傅报了价:${lines}。${totalWords(quote)}。${quote.words}`
}
