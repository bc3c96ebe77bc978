// Three taps to report, with a photo that WeChat uploads; then once more without a network, and the app closed meanwhile.

import assert from 'node:assert/strict'
import { tell } from './phone.mjs'

const photos = (phone) => phone.device.asked.filter((each) => each.path === '/api/v1/photos')
const orders = (phone) => phone.device.asked.filter((each) => each.path === '/api/v1/orders' && each.method === 'POST')

async function fill(phone) {
  await phone.tap('公区报事')
  await phone.arrivesAt('pages/report/report')
  await phone.tap('拍照')
  await phone.sees('在哪里?')
  await phone.tap('小区大门')
  await phone.sees('现场有危险')
}

/** Others may have reported the same today: this person insists. */
async function sendAnyway(phone) {
  await phone.tap('发送')
  const decided = () => phone.page.path === 'pages/sent/sent' || phone.pressables().some((each) => each.name.startsWith('不是同一件'))
  await phone.until(decided, 'the card, or the question whether it is the same')
  if (phone.page.path !== 'pages/sent/sent') await phone.tap('不是同一件')
  await phone.arrivesAt('pages/sent/sent')
}

await tell(async (phone) => {
  await phone.open('pages/home/home')
  await phone.settles()
  await fill(phone)
  await sendAnyway(phone)
  await phone.sees('已收到')
  assert.deepEqual(photos(phone).map((each) => each.status), [201])
  assert.deepEqual(orders(phone).map((each) => each.status), [201])
  assert.ok(phone.device.consents.length, 'the natural tap asks for the one-time message')

  await phone.open('pages/home/home')
  await phone.settles()
  phone.goOffline()
  await fill(phone)
  await sendAnyway(phone)
  await phone.sees('联网后自动发送')
  assert.equal(phone.stored('outbox').length, 1)
  assert.equal(orders(phone).length, 1)
  phone.goOnline()
  await phone.until(() => phone.stored('outbox').length === 0, 'the kept report goes out')
  assert.deepEqual(orders(phone).map((each) => each.status), [201, 201])
  assert.equal(photos(phone).length, 2)
})
