// A page with a form about one payment: its draft survives a closed app; what is sent waits in the payment's lane.

import { reactive, ref, watch } from 'vue'
import { onLoad } from '@dcloudio/uni-app'
import { Refusal, query } from '../../lib/api'
import { draft, dropDraft, keepDraft } from '../../lib/drafts'
import { back, sentence } from '../../lib/going'
import { kept } from '../../lib/keeping'
import { paymentLane } from '../../lib/lanes'
import { send } from '../../lib/outbox'
import { ensureSignedIn } from '../../lib/session'

/**
 * Use it in a page's setup. `name` names the draft, `body(form)` makes what is sent to POST /payments/{id}/{verb}.
 * Returns form (reactive) and refs payment (as last seen, else asked for), error, faults (by field), busy; and submit(),
 * which goes back when it is sent or kept.
 */
export function paymentForm(name, { title, verb, empty, body }) {
  const form = reactive({ ...empty })
  const [id, payment, error, faults, busy] = [ref(0), ref(null), ref(''), ref({}), ref(false)]
  const mine = () => `${name}.${id.value}`

  watch(form, () => id.value && !busy.value && keepDraft(mine(), { ...form }))

  onLoad(async (asked) => {
    id.value = Number(asked.id)
    Object.assign(form, draft(mine(), empty))
    payment.value = kept(`seen.payment.${id.value}`)
    if (!(await ensureSignedIn())) return
    try {
      payment.value = await query(`/payments/${id.value}`)
    } catch (problem) {
      if (!payment.value) error.value = sentence(problem)
    }
  })

  async function submit() {
    if (busy.value) return
    busy.value = true
    error.value = ''
    faults.value = {}
    try {
      await send({ title, lane: paymentLane(id.value), path: `/payments/${id.value}/${verb}`, body: body(form) })
      dropDraft(mine())
      back()
    } catch (problem) {
      if (problem instanceof Refusal) faults.value = problem.fields
      error.value = sentence(problem)
    } finally {
      busy.value = false
    }
  }

  return { form, payment, error, faults, busy, submit }
}
