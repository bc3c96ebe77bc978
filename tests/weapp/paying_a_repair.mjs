// The settlement is read, the repair is paid in WeChat, the receipt opens.

import assert from 'node:assert/strict'
import { tell } from './phone.mjs'

await tell(async (phone) => {
  await phone.open('pages/order/order', { id: phone.device.order })
  await phone.sees('请付维修费 ¥65.00')
  await phone.tap('去支付')
  await phone.arrivesAt('money/settlement/settlement')
  await phone.sees('一共 ¥65.00')
  await phone.tap('去支付 ¥65.00')
  await phone.arrivesAt('money/pay/pay')
  await phone.tap('微信支付 ¥65.00')
  await phone.sees('收据号')
  await phone.tap('收据')
  await phone.sees('已打开')
  const [opened, ...more] = phone.device.deeds.filter((each) => each.name === 'openDocument')
  assert.deepEqual([opened.fileType, opened.begins, more.length], ['pdf', '%PDF-', 0])
  process.stdout.write(JSON.stringify([opened.digest]))
})
