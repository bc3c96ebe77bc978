// A half-filled page, kept after every change: closing the app loses nothing.

import { drop, dropAll, keep, kept } from './keeping'

/** What was typed on the page `name`, or `empty`. */
export function draft(name, empty) {
  return { ...empty, ...kept(`draft.${name}`, {}) }
}

export function keepDraft(name, values) {
  keep(`draft.${name}`, values)
}

export function dropDraft(name) {
  drop(`draft.${name}`)
}

/** Somebody else uses this phone now. */
export function forgetDrafts() {
  dropAll('draft.')
}
