// The telephone of the office that serves an estate in which this person has a home.

import { query } from './api'
import { me, refreshMe } from './me'

/** The number, or '' when nobody knows one; never fails. */
export async function officePhoneOf(estate) {
  try {
    if (!me.homes.length) await refreshMe()
    if (me.menus?.estate === estate) return me.menus.office_phone
    const home = me.homes.find((each) => each.estate === estate)
    if (!home) return ''
    return (await query('/menus', { home_id: home.home_id })).office_phone
  } catch {
    return ''
  }
}
