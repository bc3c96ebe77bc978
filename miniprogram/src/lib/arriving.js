// What stands between a person and the page he wants: signing in, agreeing, a telephone number, a home.

import { forgetCards } from './cards'
import { forgetDrafts } from './drafts'
import { goHome, goInstead } from './going'
import { keep, kept } from './keeping'
import { forgetMe, me, refreshMe } from './me'
import { renew, signedIn, token } from './session'
import { workHat } from './work'

const BIND = '/more/bind/bind'
const NEEDS_A_HOME = ['', '/pages/booking/booking', '/pages/emergency/emergency']

/** A login has answered. What an earlier person left on this phone is not the new one's. */
export async function arrive(answer) {
  signedIn(answer)
  const before = kept('account')
  forgetMe()
  await refreshMe()
  if (before && before !== me.person.account_id) {
    forgetCards()
    forgetDrafts()
  }
  keep('account', me.person.account_id)
}

/**
 * The next thing that is needed: 'who', 'consent', 'phone', 'work' or 'on'. Raises Refusal and Offline.
 * `later`: the person would rather not give his number now.
 */
export async function nextStep({ later = false } = {}) {
  if (!token() && !(await renew())) return 'who'
  await refreshMe()
  if (me.person.role !== 'RES') return workHat() ? 'work' : 'on'
  if (me.person.needs_privacy_consent) return 'consent'
  return me.person.has_phone || later ? 'on' : 'phone'
}

/** To the page that was wanted; a resident without a home is led to binding one first. */
export function goOn(wanted) {
  const homeless = me.person.role === 'RES' && !me.homes.length
  if (homeless && NEEDS_A_HOME.includes(wanted)) goInstead(BIND)
  else if (wanted) goInstead(wanted)
  else goHome()
}
