// The person, his homes and the menus of his place: shown at once from the last visit, then from the server.

import { reactive } from 'vue'
import { query } from './api'
import { dropAll, keep, kept } from './keeping'
import { token } from './session'

export const me = reactive({ person: kept('me'), homes: kept('homes', []), homeId: kept('homeId'), menus: kept('menus') })

/** Homes to which the person is tied already; one under review cannot be used yet. */
export function usableHomes() {
  return me.homes.filter((home) => home.status === 'active')
}

/** The home that the person has chosen to see, or his first; one under review only when there is no other. */
export function currentHome() {
  const usable = usableHomes()
  return usable.find((home) => home.home_id === me.homeId) || usable[0] || me.homes[0] || null
}

export function chooseHome(homeId) {
  me.homeId = homeId
  keep('homeId', homeId)
  return refreshMenus()
}

/** Ask the server again; raises Refusal and Offline. */
export async function refreshMe() {
  if (!token()) return
  me.person = await query('/me')
  keep('me', me.person)
  if (me.person.role !== 'RES') return
  const found = await query('/me/homes')
  me.homes = found.items
  keep('homes', me.homes)
  await refreshMenus()
}

async function refreshMenus() {
  const home = currentHome()
  me.menus = home ? await query('/menus', placeOf(home)) : null
  keep('menus', me.menus)
}

function placeOf(home) {
  return home.status === 'active' ? { home_id: home.home_id } : { estate_id: home.estate_id }
}

export function forgetMe() {
  Object.assign(me, { person: null, homes: [], homeId: null, menus: null })
  for (const name of ['me', 'homes', 'homeId', 'menus']) keep(name, null)
  dropAll('seen.') // orders, messages and prices as he last saw them
}
