// Request ids: one for each intention of a person, the same for every retry of it.

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz'

export function newKey() {
  let key = Date.now().toString(36)
  while (key.length < 28) key += LETTERS[Math.floor(Math.random() * LETTERS.length)]
  return key
}
