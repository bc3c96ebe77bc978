// The homes to which somebody can be called, and what stands in the way when there is none.

import { currentHome, me, usableHomes } from './me'

/** Homes of this person that are confirmed, the one he has chosen first. */
export function homesForVisits() {
  const mine = currentHome()
  return usableHomes().sort((one, other) => (other === mine) - (one === mine))
}

/** The entry of GET /menus for this menu, or null while it is not known. */
export function menuOf(menu) {
  return me.menus?.items.find((each) => each.menu === menu) || null
}
