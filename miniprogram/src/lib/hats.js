// Which hat a page is made for. Whoever wears another is led to the page where hats are changed.

import { computed } from 'vue'
import { me, refreshMe } from './me'
import { ensureSignedIn } from './session'

/**
 * `hat.fits`: true, false, or null while nobody knows; `hat.check()` at the start of onShow: resolves with whether the
 * page may go on. Without a network the hat of the last visit counts.
 */
export function useHat(roles) {
  const fits = computed(() => (me.person ? roles.includes(me.person.role) : null))
  return {
    fits,
    async check() {
      if (!(await ensureSignedIn())) return false
      if (!fits.value) await refreshMe().catch(() => {})
      return Boolean(fits.value)
    },
  }
}
