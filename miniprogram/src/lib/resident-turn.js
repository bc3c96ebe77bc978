// The one order that waits for the resident himself: whether it is mended, or when somebody may come again.

import { query } from './api'

const MAY_WAIT = ['DONE', 'HOLD_RESIDENT']
const LOOKED_AT = 3

/** { id, question, about, answer } of the first order that waits for an answer, or null. Raises Refusal and Offline. */
export async function turnOfResident() {
  const { items } = await query('/orders', { limit: 20 })
  const candidates = items.filter((order) => MAY_WAIT.includes(order.status)).slice(0, LOOKED_AT)
  for (const candidate of candidates) {
    const order = await query(`/orders/${candidate.id}`)
    if (order.asks_if_fixed) return asking(order, '修好了吗?', '去回答')
    if (order.hold && !order.hold.agreed) return asking(order, '师傅来过,家里没人', '约新的时间')
  }
  return null
}

function asking(order, question, answer) {
  return { id: order.id, question, answer, about: `${order.place} ${order.category}` }
}
