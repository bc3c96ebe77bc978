// The one order that waits for the resident himself: a quote, a question, whether it is mended, what it costs, when
// somebody may come.

import { query } from './api'
import { waitsForAnswer } from './quotes'
import { yuan } from './words'

const MAY_WAIT = ['QUOTED', 'DONE', 'HOLD_RESIDENT']
const MAY_ASK = ['give_info', 'pay']
const LOOKED_AT = 3

/** { id, question, about, answer } of the first order that waits for an answer, or null. Raises Refusal and Offline. */
export async function turnOfResident() {
  const { items } = await query('/orders', { limit: 20 })
  const candidates = items.filter(mayWait).slice(0, LOOKED_AT)
  for (const candidate of candidates) {
    const order = await query(`/orders/${candidate.id}`)
    if (waitsForAnswer(order)) return asking(order, '师傅报了价,请您看一看', '看报价')
    if (order.question?.open) return asking(order, '物业请您补充信息', '去补充')
    if (order.actions.some((each) => each.action === 'pay')) return asking(order, `请付维修费 ${yuan(order.pay.due_fen)}`, '去支付')
    if (order.asks_if_fixed) return asking(order, '修好了吗?', '去回答')
    if (order.hold && !order.hold.agreed) return asking(order, '师傅来过,家里没人', '约新的时间')
  }
  return null
}

function mayWait(line) {
  return MAY_WAIT.includes(line.status) || line.actions.some((each) => MAY_ASK.includes(each.action))
}

function asking(order, question, answer) {
  return { id: order.id, question, answer, about: `${order.place} ${order.category}` }
}
