// What 服务预约 and 应急维修 share: a draft for one of the person's homes, for whom it is, and sending it. Use it in a
// page's setup.

import { computed, reactive, ref, watch } from 'vue'
import { onLoad } from '@dcloudio/uni-app'
import { sendOrder } from './cards'
import { askConsent, prepareConsent } from './consent'
import { draft, keepDraft } from './drafts'
import { sentence } from './going'
import { homesForVisits, menuOf } from './in-home'
import { refreshMe } from './me'
import { EMPTY_BEHALF, behalfFaults, mayActFor } from './on-behalf'
import { ensureSignedIn } from './session'

const empty = () => ({ step: 'what', homeId: 0, code: '', photos: [], voice: null, text: '', behalf: { ...EMPTY_BEHALF } })

/**
 * The form of the page `name` and of the menu `code`; `more` are its further fields. `begin()` runs when the person's homes
 * are known, or when nobody answers; `isPublic(form)` says that it is not about a home, so that nobody is acted for.
 */
export function visitForm(name, code, { more = {}, begin, isPublic = () => false }) {
  const url = `/pages/${name}/${name}`
  const form = reactive(draft(name, { ...empty(), ...more }))
  const error = ref('')
  const busy = ref(false)
  const needsConsent = ref(false)
  const faults = ref({})
  const loaded = ref(false)

  const homes = computed(homesForVisits)
  const home = computed(() => homes.value.find((each) => each.home_id === form.homeId) || homes.value[0] || null)
  const menu = computed(() => menuOf(code))
  const behalf = computed(() => (!isPublic(form) && mayActFor(home.value) ? form.behalf : null))
  const barred = computed(() => {
    if (!homes.value.length) return loaded.value ? 'no-home' : ''
    return menu.value && !menu.value.enabled ? menu.value.reason : ''
  })

  watch(form, () => keepDraft(name, form), { deep: true })

  onLoad(async () => {
    if (!(await ensureSignedIn())) return
    prepareConsent()
    try {
      await refreshMe()
      loaded.value = true
    } catch (problem) {
      error.value = sentence(problem)
    }
    begin()
  })

  /** Whether everything is said of the person who is acted for; if not, the fields say what is missing. */
  function isSaid() {
    faults.value = behalf.value ? behalfFaults(behalf.value) : {}
    return !Object.keys(faults.value).length
  }

  /** Send the order; `refused(problem)` mends the form before the sentence is shown. */
  async function send(order, refused = () => {}) {
    askConsent('send')
    busy.value = true
    error.value = ''
    needsConsent.value = false
    try {
      await sendOrder(order, { name, values: { ...form }, url })
    } catch (problem) {
      refused(problem)
      needsConsent.value = problem.code === 'privacy_consent_needed'
      error.value = sentence(problem)
    } finally {
      busy.value = false
    }
  }

  const signIn = `/pages/sign-in/sign-in?then=${encodeURIComponent(url)}`
  return { form, error, busy, needsConsent, faults, homes, home, menu, behalf, barred, isSaid, send, signIn }
}
