// Every page opens with what the server has for this person, and shows words.

import { tell } from './phone.mjs'

const NOT_WORDS = /undefined|null|NaN|\[object|Invalid Date/

await tell(async (phone) => {
  const shown = {}
  for (const { name, path, query } of phone.device.sights) {
    await phone.open(path, query)
    await phone.settles()
    const text = phone.text()
    if (text.length < 4) throw new Error(`${name}: nothing to read`)
    if (NOT_WORDS.test(text)) throw new Error(`${name}: ${text}`)
    if (phone.faults.length) throw new Error(`${name}: ${phone.faults}`)
    shown[name] = { at: phone.page.path, text: text.slice(0, 80), pressables: phone.pressables().length }
  }
  process.stdout.write(JSON.stringify(shown, null, 1))
})
