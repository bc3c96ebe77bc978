// Payments that this phone was paying when it was put away: the home page leads back to them.

import { reactive } from 'vue'
import { drop, keep, kept } from './keeping'

/** Ids, in the order in which they are paid; none when all have ended. */
export const openTills = reactive({ ids: kept('seen.till', []) })

export function rememberTill(ids) {
  openTills.ids = ids
  if (ids.length) keep('seen.till', ids)
  else drop('seen.till')
}

/** Where they are paid. */
export function tillPage(ids) {
  return `/money/pay/pay?id=${ids.join(',')}`
}
