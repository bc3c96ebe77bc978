// Bills of three homes go to two companies one after the other, once given up half-way; both receipts are opened.

import assert from 'node:assert/strict'
import { tell } from './phone.mjs'

const deeds = (phone, name) => phone.device.deeds.filter((each) => each.name === name)
const posts = (phone, part) => phone.device.asked.filter((each) => each.method === 'POST' && each.path.endsWith(part))

await tell(async (phone) => {
  const { owed } = phone.device
  await phone.open('pages/home/home')
  await phone.settles()
  await phone.tap('家里的账单')
  await phone.sees(`要交 ${owed}`)
  await phone.sees('分 2 笔付')
  await phone.tap(`去支付 ${owed}`)
  await phone.arrivesAt('money/pay/pay')
  const asked = [['sandbox-payment_done', 'sandbox-refund_done', 'sandbox-bill']]
  assert.deepEqual(phone.device.consents, asked, 'whoever pays is asked for what he will want to hear, the next bill too')
  await phone.sees('第 1 笔 / 共 2 笔')

  phone.device.pays = 'cancel'
  await phone.tap('微信支付')
  await phone.sees('您取消了付款,钱没有动')
  phone.device.pays = 'ok'
  await phone.tap('微信支付')
  await phone.sees('第 2 笔 / 共 2 笔')
  await phone.tap('微信支付')
  await phone.sees('收据号')
  await phone.sees(owed)
  assert.equal(deeds(phone, 'requestPayment').length, 3)
  assert.deepEqual(posts(phone, '/bills/pay').map((each) => each.status), [200])
  for (const { params } of deeds(phone, 'requestPayment')) {
    assert.ok(Object.values(params).every((value) => typeof value === 'string' && value), JSON.stringify(params))
    assert.equal(params.signType, 'HMAC-SHA256')
  }

  const receipts = phone.pressables().map((each) => each.name).filter((name) => name.startsWith('收据、发票'))
  assert.equal(receipts.length, 2)
  for (const name of receipts) {
    await phone.tap(name)
    await phone.arrivesAt('money/payment/payment')
    await phone.tap('收据')
    await phone.sees('已打开')
    phone.goBack(1)
    await phone.arrivesAt('money/pay/pay')
  }
  process.stdout.write(JSON.stringify(deeds(phone, 'openDocument').map((each) => each.digest)))
})
