// A page about one estate: which one, and what the server says of it. Use it in a page's setup.

import { reactive } from 'vue'
import { onLoad, onShow } from '@dcloudio/uni-app'
import { sentence } from '../../lib/going'
import { currentHome, me, refreshMe } from '../../lib/me'
import { ensureSignedIn } from '../../lib/session'
import { watchOne } from '../../lib/watching'

/**
 * GET /estates/{id}/{part} of the estate in the page's address, or else of the home that the person sees. Its fields: id
 * (0 while none is known), watched (the answer, as watchOne has it), failed, ready (it is known which homes there are);
 * `choose(id)` looks at another. What is `open` is read without signing in when the address names the estate.
 */
export function estatePage(part, { open = false } = {}) {
  const page = reactive({ id: 0, watched: null, failed: '', ready: false })
  let named = 0

  async function start() {
    if (!(open && named) && !(await ensureSignedIn())) return
    try {
      if (!me.homes.length) await refreshMe() // for the estates to choose from
      Object.assign(page, { ready: true, failed: '' })
    } catch (problem) {
      page.failed = sentence(problem)
    }
    if (named || page.ready) await choose(named || currentHome()?.estate_id || 0)
  }

  async function choose(id) {
    page.id = id
    page.watched = id ? watchOne(`/estates/${id}/${part}`, `${part}.${id}`) : null
    if (id) await page.watched.load()
  }

  onLoad((asked) => {
    named = Number(asked.id) || 0
    return start()
  })
  onShow(() => {
    if (page.watched) page.watched.load()
    else if (page.failed) start()
  })

  return Object.assign(page, { choose })
}

/** What is to be mended, if anything: of the person's homes, or of the estate. */
export function errorOf(page) {
  return page.failed || page.watched?.error || ''
}
