// A message about a payment opens the payment, one about an invoice the invoices.

import { tell } from './phone.mjs'

await tell(async (phone) => {
  await phone.open('pages/messages/messages')
  await phone.sees('看这笔付款 ›')
  await phone.tap('缴费成功')
  await phone.arrivesAt('money/payment/payment')
  await phone.sees(phone.device.receipt)
  await phone.open('pages/messages/messages')
  await phone.tap('发票已开好')
  await phone.arrivesAt('money/invoices/invoices')
  await phone.sees('示范居民')
})
