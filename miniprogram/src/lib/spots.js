// Places of an estate that can be chosen from a short list; kept on the phone, because a dark stairwell has no signal.

import { query } from './api'
import { keep, kept } from './keeping'

const PAGES = 6
const PAGE = 50
const RECENT = 2
const A_WEEK_MS = 7 * 24 * 3600 * 1000

/** The spots of an estate as they were last known: [{ id, place, building_id }]. */
export function knownSpots(estateId) {
  return kept(`spots.${estateId}`, { items: [] }).items
}

/** Ask for them, unless this week's are here. Raises Refusal and Offline; what was known stays. */
export async function loadSpots(estateId) {
  const before = kept(`spots.${estateId}`, { items: [], at: 0 })
  if (before.items.length && Date.now() - before.at < A_WEEK_MS) return before.items
  const items = []
  let cursor = ''
  for (let page = 0; page < PAGES; page += 1) {
    const found = await query(`/estates/${estateId}/spots`, { cursor, limit: PAGE })
    items.push(...found.items)
    cursor = found.next_cursor
    if (!cursor) break
  }
  keep(`spots.${estateId}`, { items, at: Date.now() })
  return items
}

/** Where this person reported last in the estate, newest first. */
export function recentPlaces(estateId) {
  return kept(`recent.${estateId}`, [])
}

export function rememberPlace(place) {
  if (!place.spot_id || !place.estate_id) return
  const others = recentPlaces(place.estate_id).filter((each) => each.spot_id !== place.spot_id)
  keep(`recent.${place.estate_id}`, [place, ...others].slice(0, RECENT))
}

/** The place behind a sign's code; without a network the code alone is enough to report. Raises Refusal. */
export async function placeOfCode(code, isOffline) {
  try {
    const spot = await query(`/spots/${code}`)
    return { label: spot.place, spot_code: spot.code, estate_id: spot.estate.id, estate: spot.estate.name }
  } catch (error) {
    if (isOffline(error)) return { label: `点位 ${code}`, spot_code: code }
    throw error
  }
}
