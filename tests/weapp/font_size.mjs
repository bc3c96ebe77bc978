// Checklist 3: the size that the person has set in WeChat is followed; his own choice in 字号 comes before it.

import assert from 'node:assert/strict'
import { tell } from './phone.mjs'

await tell(async (phone) => {
  const sizes = () => phone.page.place.querySelector('[style*="--fs"]').getAttribute('style')
  await phone.open('pages/home/home')
  assert.match(sizes(), /--fs:1\.4;/)
  assert.match(sizes(), /--fs-title:1\.25/)
  phone.device.storage.set('anju.font', '1')
  await phone.open('more/font/font')
  await phone.tap('特大')
  await phone.open('pages/home/home')
  assert.match(sizes(), /--fs:1\.5;/)
})
