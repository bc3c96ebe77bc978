// The time of this phone, read again every so often: for countdowns in words.

import { onUnmounted, ref } from 'vue'

/** A ref with the present instant in ms, renewed every `everyMs` while the page lives. */
export function useNow(everyMs = 10000) {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), everyMs)
  onUnmounted(() => clearInterval(timer))
  return now
}
