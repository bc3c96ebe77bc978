// A page with a form about one order: its draft survives a closed app, what is sent goes through the order's lane.

import { reactive, ref, watch } from 'vue'
import { onLoad } from '@dcloudio/uni-app'
import { query } from './api'
import { draft, dropDraft, keepDraft } from './drafts'
import { back, sentence } from './going'
import { kept } from './keeping'
import { laneOf } from './lanes'
import { nameOf } from './order-name'
import { send } from './outbox'
import { ensureSignedIn } from './session'

/**
 * Use it in a page's setup. `name` names the draft; `content(form)` makes { body, files } of what was filled in.
 * Returns refs: form (reactive), name, order and events (as this phone has last seen them, else asked for), error, busy;
 * and submit(), which goes back when it is sent or kept.
 */
export function orderForm(draftName, { title, verb, empty, content }) {
  const form = reactive({ ...empty })
  const [id, name, order, events, error, busy] = [ref(0), ref(''), ref(null), ref([]), ref(''), ref(false)]
  const mine = () => `${draftName}.${id.value}`

  watch(form, () => id.value && keepDraft(mine(), form), { deep: true })

  onLoad(async (asked) => {
    id.value = Number(asked.id)
    Object.assign(form, draft(mine(), empty))
    remember(kept(`seen.order.${id.value}`))
    if (!(await ensureSignedIn()) || order.value) return
    try {
      const [found, timeline] = await Promise.all([query(`/orders/${id.value}`), query(`/orders/${id.value}/timeline`)])
      remember({ order: found, events: timeline.items })
    } catch (problem) {
      error.value = sentence(problem)
    }
  })

  function remember(seen) {
    if (!seen) return
    order.value = seen.order
    events.value = seen.events
    name.value = nameOf(id.value) || `${seen.order.category},${seen.order.place}`
  }

  async function submit() {
    busy.value = true
    error.value = ''
    try {
      await send({ title, lane: laneOf(id.value), path: `/orders/${id.value}/${verb}`, ...content(form) })
      dropDraft(mine())
      back()
    } catch (problem) {
      error.value = sentence(problem)
    } finally {
      busy.value = false
    }
  }

  return { form, name, order, events, error, busy, submit }
}
