// A list that comes in pages: the first one at once from the last visit, more when the person asks for more.

import { reactive } from 'vue'
import { query } from './api'
import { sentence } from './going'
import { keep, kept } from './keeping'

/**
 * A paged list of GET {path}. `asked()` gives further query values; `keptAs` names the first page on this phone, where it
 * stays until somebody else signs in (forgetMe).
 * Its fields: items, next (there is more), busy, loaded (the server has answered once), error (a sentence), whole (the
 * last answer, for what stands beside the items).
 */
export function paged(path, { asked = () => ({}), keptAs = '' } = {}) {
  const before = keptAs ? kept(`seen.${keptAs}`) : null
  const list = reactive({ items: before?.items || [], next: null, busy: false, loaded: false, error: '', whole: before })

  async function ask(cursor) {
    list.busy = true
    try {
      const answer = await query(path, { ...asked(), cursor })
      list.items = cursor ? [...list.items, ...answer.items] : answer.items
      Object.assign(list, { next: answer.next_cursor || null, whole: answer, loaded: true, error: '' })
      if (keptAs && !cursor) keep(`seen.${keptAs}`, answer)
    } catch (error) {
      list.error = sentence(error)
    } finally {
      list.busy = false
    }
  }

  return Object.assign(list, { load: () => ask(''), more: () => list.next && ask(list.next) })
}
