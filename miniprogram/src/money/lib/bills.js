// Bills of homes: what is due, what was chosen, to whom it goes. Pure; words for a bill's state are the server's.

import { day, yuan } from '../../lib/words.js'

/** The server takes so many bills at once (POST /bills/pay). */
export const AT_ONCE = 60

/** 2026年10月 物业费 */
export function titleOf(bill) {
  return `${bill.period_label} ${bill.kind_label}`
}

/** Who gave the newest answer to a question about a bill: the accountant, the company's administrator, the bureau. */
export function answererOf({ answer, steps }) {
  return steps.filter((step) => step.note === answer).at(-1)?.by || '物业'
}

/** 2026年10月 物业费 ¥286.00, with what is still to be paid of it; once it is over, with what it came to. */
export function lineOf(bill) {
  return `${titleOf(bill)} ${yuan(bill.due_fen || bill.amount_fen)}`
}

/** 请在 11月30日 前交; of what is late or over the server's words. */
export function dueWords(bill, now = Date.now()) {
  return bill.due_fen && !bill.overdue ? `请在 ${day(bill.due_on, now)} 前交` : bill.words
}

export function mayPay(bill) {
  return bill.actions.some((each) => each.action === 'pay')
}

/** Everything in these homes that can be paid now, oldest first: what is late is not forgotten behind what is new. */
export function payable(homes) {
  const bills = homes.filter((home) => home.payable).flatMap((home) => home.bills.filter(mayPay))
  return [...bills].sort((one, other) => one.due_on.localeCompare(other.due_on) || one.id - other.id)
}

export function sumOf(bills) {
  return bills.reduce((sum, bill) => sum + bill.due_fen, 0)
}

/** 共 9 个账单,其中 2 个已过缴费日 */
export function countWords(bills) {
  const late = bills.filter((bill) => bill.overdue).length
  return `共 ${bills.length} 个账单${late ? `,其中 ${late} 个已过缴费日` : ''}`
}

/** [{ company, fen }], in the order in which they will be paid: each company has an account of its own. */
export function companiesOf(bills) {
  const sums = new Map()
  for (const bill of bills) sums.set(bill.company, (sums.get(bill.company) || 0) + bill.due_fen)
  return [...sums].map(([company, fen]) => ({ company, fen }))
}

/** What the choice comes to: of everything that can be paid, or of the bills with these ids; never more than AT_ONCE. */
export function chosenOf(bills, { all, ids }) {
  return (all ? bills : bills.filter((bill) => ids.includes(bill.id))).slice(0, AT_ONCE)
}
