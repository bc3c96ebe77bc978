// A desk's command. It is not kept without a network, because a desk must know where it stands; but a second press after
// a silence carries the same request id, so that nothing happens twice.

import { Offline, command, upload } from './api'
import { openFile } from './files'
import { newKey } from './ids'

/** One intention at a time: `run(path, body)` keeps its id until the server has answered to exactly this wish. */
export function intention() {
  let wish = null
  return async function run(path, body = {}) {
    const about = JSON.stringify([path, body])
    if (wish?.about !== about) wish = { about, key: newKey() }
    try {
      const answer = await command(path, body, { key: wish.key })
      wish = null
      return answer
    } catch (error) {
      if (!(error instanceof Offline)) wish = null
      throw error
    }
  }
}

/** Photos of a form, uploaded once each: `ids(refs)` resolves with their ids, also when only some had arrived before. */
export function uploads() {
  const known = new Map()
  return async function ids(refs) {
    const found = []
    for (const ref of refs) {
      const photo = known.get(ref) || { key: newKey(), id: null }
      known.set(ref, photo)
      photo.id = photo.id || (await upload('/photos', await openFile(ref), { key: photo.key })).id
      found.push(photo.id)
    }
    return found
  }
}
