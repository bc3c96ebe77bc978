// People who work with Anju: where each hat has its workplace on the phone, and how to go there.

import { command } from './api'
import { goInstead } from './going'
import { me, refreshMe } from './me'

const PLACES = {
  WRK: { url: '/worker/tasks/tasks', text: '去我的任务' },
  DSP: { url: '/desk/board/board', text: '去待办工单' },
  MGR: { url: '/desk/board/board', text: '去待办工单' },
}

/** The hat to work under: the one that is worn, else the first that has a place here; null for a resident. */
export function workHat(person = me.person) {
  const hats = (person?.hats || []).filter((hat) => PLACES[hat.role])
  return hats.find((hat) => hat.id === person.hat_id) || hats[0] || null
}

/** { url, text } of a hat's workplace, or undefined. */
export function workplace(hat) {
  return hat ? PLACES[hat.role] : undefined
}

/** Put the hat on, if it is not worn, and go to work. Raises Refusal and Offline. */
export async function goToWork(hat, leave = goInstead) {
  await wear(hat.id)
  leave(workplace(hat).url)
}

/** One session wears one hat; null is the resident. */
export async function wear(hatId) {
  if (me.person && me.person.hat_id === hatId) return
  await command('/me/hat', { hat_id: hatId })
  await refreshMe()
}
