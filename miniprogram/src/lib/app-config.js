// What the operator has switched on and which numbers to call (GET /app-config): kept from the last visit, asked for
// again once a day, and on a page that shows them.

import { reactive } from 'vue'
import { query } from './api'
import { keep, kept } from './keeping'

const A_DAY_MS = 24 * 3600 * 1000

/** The answer of the server as it was last; {} before the first. */
export const appConfig = reactive({ values: kept('config', {}), at: kept('configAt', 0) })

/** Ask again when the last answer is older than a day, or at once with `now`. Never fails: the kept one goes on. */
export async function refreshConfig({ now = false } = {}) {
  if (!now && Date.now() - appConfig.at < A_DAY_MS) return
  try {
    Object.assign(appConfig, { values: await query('/app-config'), at: Date.now() })
    keep('config', appConfig.values)
    keep('configAt', appConfig.at)
  } catch {
    // nobody answers: the numbers of yesterday are right enough
  }
}

/** Whether a service of a later day has arrived ("notices", "snap", "bills", "demo_login"). */
export function has(feature) {
  return Boolean(appConfig.values.features?.[feature])
}
