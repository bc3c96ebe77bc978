// Whom to call in danger. 119, 120 and 110 are the same everywhere; the numbers of the gas company and of the lift
// rescue are the place's own: they come from the server and stay on the phone, to be there without a network.

import { query } from './api'
import { keep, kept } from './keeping'

const CALLS = {
  fire: { label: '火警', phone: '119' },
  ambulance: { label: '急救', phone: '120' },
  police: { label: '报警', phone: '110' },
  gas: { label: '燃气抢修', words: '号码在燃气表或燃气卡上,到楼外再打' },
  lift: { label: '电梯救援', words: '按电梯里的警铃,或打电梯里贴的电话' },
}

/** Ask the server in time; without an answer the last one counts. */
export async function prepareNumbers(estateId) {
  try {
    keep('emergency', (await query('/app-config', { estate_id: estateId })).emergency)
  } catch {
    // what was kept, and the national numbers, are enough
  }
}

/**
 * These calls in their order: [{ key, label, phone, words }]. Where nobody has told a number, the words say where it is
 * written; without either the call is left out.
 */
export function numbersFor(asks, officePhone) {
  const told = { ...kept('emergency', {}), office: officePhone }
  return asks
    .map((key) => ({ key, label: '小区物业', words: '', ...CALLS[key], phone: CALLS[key]?.phone || told[key] || '' }))
    .filter((each) => each.phone || each.words)
}
