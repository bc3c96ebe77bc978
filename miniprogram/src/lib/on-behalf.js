// 代老人报修: somebody of the family reports, the elder is whom the worker calls (S2-31).

export const WAYS = ['当面说好的', '电话里说好的']
export const MAY_ACT = ['owner', 'co_owner', 'family', 'proxy'] // the server's MAY_ACT: a tenant speaks for himself
const NUMBER = /^(1\d{10}|0\d{9,11})$/

export const EMPTY_BEHALF = { on: false, name: '', phone: '', way: '' }

/** Whether this home's binding lets the person report for somebody else who lives there. */
export function mayActFor(home) {
  return Boolean(home) && MAY_ACT.includes(home.relation)
}

/** What is still missing, by field; empty when it can be sent. */
export function behalfFaults(given) {
  const faults = {}
  if (!given.on) return faults
  if (!given.name.trim()) faults.name = '请写老人怎么称呼,例如 王奶奶'
  if (!NUMBER.test(digits(given.phone))) faults.phone = '请写 11 位手机号,或带区号的座机'
  if (!given.way) faults.way = '请选一下:老人是怎么同意的'
  return faults
}

/** The part of the order's body, or nothing. */
export function behalfOf(given) {
  if (!given.on) return {}
  return { on_behalf: { name: given.name.trim(), phone: digits(given.phone), consent_note: given.way } }
}

function digits(phone) {
  return phone.replace(/[\s-]/g, '').replace(/^\+86/, '')
}
