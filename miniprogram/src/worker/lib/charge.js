// What a finished repair is settled for: what the resident agreed to, less, or nothing (S2-12). Pure.

import { fenOf, yuan } from '../../lib/words.js'

export const AS_AGREED = 'agreed'
const LESS = 'less'
const NOTHING = 'nothing'

/** The answers to 收多少; `most` is what may be asked at most, in fen. */
export function chargeOptions(most) {
  return [
    { code: AS_AGREED, text: `收 ${yuan(most)}`, hint: '居民同意的数' },
    { code: LESS, text: '少收一些', hint: '' },
    { code: NOTHING, text: '不收费', hint: '只是看了看,或者不该居民出' },
  ]
}

/** Whether a smaller sum is to be written down. */
export function asksLess(form) {
  return form.charge === LESS
}

/** What is wrong with the sum, in one sentence; empty when nothing is. */
export function chargeProblem(form, most) {
  if (!most || !asksLess(form)) return ''
  const fen = fenOf(form.yuan)
  return fen && fen < most ? '' : `少收的话,请写收多少元,比 ${yuan(most)} 少`
}

/** { final_fen } for the server; nothing where it is charged as agreed. */
export function settlementOf(form, most) {
  if (!most || form.charge === AS_AGREED) return {}
  return { final_fen: form.charge === NOTHING ? 0 : fenOf(form.yuan) }
}

/** The answers again, from a step that was refused. */
export function chargeIn({ final_fen: fen }) {
  if (fen === undefined) return { charge: AS_AGREED, yuan: '' }
  return fen ? { charge: LESS, yuan: (fen / 100).toFixed(2) } : { charge: NOTHING, yuan: '' }
}
