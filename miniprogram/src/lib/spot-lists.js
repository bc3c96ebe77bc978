// Places of an estate in the order in which somebody may mean them, and the codes of signs. Pure.

const CODE = /^[0-9A-Za-z-]{1,16}$/
const IN_LINK = /(?:^|[?&])(?:spot|scene)=([0-9A-Za-z-]{1,16})/

/**
 * The choices in the order in which they are likely: { near, common, others }. `near` is the person's own stairwell,
 * `common` what belongs to no building, `others` the rest by building: [{ building, spots }].
 */
export function sorted(spots, home) {
  const [building, unit] = /^(.+?号楼)(.+?单元)?/.exec(home?.place || '')?.slice(1) || []
  const near = spots.filter((spot) => building && spot.building_id && isNear(spot.place, building, unit))
  const rest = spots.filter((spot) => spot.building_id && !near.includes(spot))
  const others = []
  for (const spot of rest) {
    const name = spot.place.split(' ')[0]
    const found = others.find((each) => each.building === name)
    if (found) found.spots.push(spot)
    else others.push({ building: name, spots: [spot] })
  }
  return { near, common: spots.filter((spot) => !spot.building_id), others }
}

/** "3号楼 2单元楼道" for who lives in 3号楼2单元; without units every stairwell of the building. */
function isNear(place, building, unit) {
  const [first, ...rest] = place.split(' ')
  return first === building && (!unit || rest.join(' ').startsWith(unit) || !/单元/.test(place))
}

/** A chosen place as the server takes it: a sign's code, a spot, or an estate with words. */
export function bodyOfPlace(place) {
  if (place.spot_code) return { spot_code: place.spot_code }
  if (place.spot_id) return { spot_id: place.spot_id }
  return { estate_id: place.estate_id, place_note: place.label }
}

/** The code of a sign in what was scanned or typed: the bare code, or a link that carries it; '' when it is neither. */
export function codeIn(text) {
  const said = (text || '').trim()
  const linked = IN_LINK.exec(said)
  if (linked) return linked[1].toUpperCase()
  return CODE.test(said) ? said.toUpperCase() : ''
}

/**
 * The sign that a page was opened from: `spot` from a link of ours, `scene` from a mini-program code, `q` from an
 * ordinary QR code that WeChat opens with the mini-program. '' when there was none.
 */
export function spotAsked(asked = {}) {
  const said = asked.spot || asked.scene || asked.q || ''
  return said ? codeIn(decodeURIComponent(said)) : ''
}
