// What all forms of a worker do at the end: send the step or save it, and go back to the task.

import { ref } from 'vue'
import { back, sentence } from '../../lib/going'
import { doStep } from './steps'

/** `sending.error`, `sending.busy`, and `sending.go(orderId, action, work, form)`: the draft ends when it is taken. */
export function useSending() {
  const error = ref('')
  const busy = ref(false)
  return {
    error,
    busy,
    async go(orderId, action, work, form) {
      if (busy.value) return
      busy.value = true
      error.value = ''
      try {
        await doStep(orderId, action, work)
        form.drop()
        back()
      } catch (found) {
        error.value = sentence(found)
      } finally {
        busy.value = false
      }
    },
  }
}
