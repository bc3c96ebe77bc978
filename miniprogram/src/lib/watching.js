// One thing on a page: at once as this phone has last seen it, then from the server. Use it in a page's setup.

import { reactive } from 'vue'
import { Offline, query } from './api'
import { sentence } from './going'
import { keep, kept } from './keeping'

/**
 * What GET {path} answers, kept as `name` until somebody else signs in. Its fields: it (null before anything is known),
 * error; `load()` asks the server, `take(it)` an answer of it.
 */
export function watchOne(path, name) {
  const watch = reactive({ it: kept(`seen.${name}`), error: '' })

  function take(it) {
    Object.assign(watch, { it, error: '' })
    keep(`seen.${name}`, it)
  }

  async function load() {
    try {
      take(await query(path))
    } catch (error) {
      if (!(error instanceof Offline) || !watch.it) watch.error = sentence(error)
    }
  }

  return Object.assign(watch, { load, take })
}
