// One 随手拍 on a page: at once as this phone has last seen it, then from the server. Use it in a page's setup.

import { reactive } from 'vue'
import { Offline, query } from './api'
import { sentence } from './going'
import { keep, kept } from './keeping'

/** Its fields: snap (null before anything is known), error; `load()` asks the server, `take(snap)` an answer of it. */
export function watchSnap(id) {
  const watch = reactive({ snap: kept(`seen.snap.${id}`), error: '' })

  function take(snap) {
    Object.assign(watch, { snap, error: '' })
    keep(`seen.snap.${id}`, snap)
  }

  async function load() {
    try {
      take(await query(`/snaps/${id}`))
    } catch (error) {
      if (!(error instanceof Offline) || !watch.snap) watch.error = sentence(error)
    }
  }

  return Object.assign(watch, { load, take })
}
