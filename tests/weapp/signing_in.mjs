// The first start: WeChat's login by itself, once, however many pages ask for it at the same time.

import assert from 'node:assert/strict'
import { tell } from './phone.mjs'

await tell(async (phone) => {
  await Promise.all([phone.open('pages/home/home'), phone.open('pages/mine/mine'), phone.open('more/homes/homes')])
  await phone.settles()
  const logins = phone.device.asked.filter((each) => each.path === '/api/v1/login')
  assert.deepEqual(logins, [{ method: 'POST', path: '/api/v1/login', status: 200 }])
  assert.ok(phone.stored('token'))

  phone.device.storage.set('anju.token', JSON.stringify('a token that has ended'))
  await phone.open('pages/home/home')
  await phone.settles()
  const again = phone.device.asked.filter((each) => each.path === '/api/v1/login')
  assert.equal(again.length, 2, 'a dead token is renewed without a word')
  assert.notEqual(phone.stored('token'), 'a token that has ended')
})
