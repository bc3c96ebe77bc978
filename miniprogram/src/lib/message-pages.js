// What a message is about, and which page shows it. Pure.

const ABOUT_MONEY = {
  'money/payment/payment': '看这笔付款 ›',
  'money/payments/payments': '看缴费记录 ›',
  'money/bill/bill': '看这张账单 ›',
  'money/bills/bills': '看家里的账单 ›',
  'money/invoices/invoices': '看发票 ›',
  'money/questions/questions': '看答复 ›',
}

/** { page, words } of what is opened; both empty when the message only wants to be read. Money is the resident's own:
    who wears a hat is led to where he takes it off. */
export function leadsTo(message, isStaff) {
  const { order_id: order, snap_id: snap, page } = message
  if (snap) return { page: isStaff ? `/desk/snap/snap?id=${snap}` : `/more/snap/snap?id=${snap}`, words: '看这件随手拍 ›' }
  if (order) return { page: message.followed ? `/more/followed/followed?id=${order}` : `/pages/order/order?id=${order}`, words: '看这张工单 ›' }
  const words = page && ABOUT_MONEY[page.split('?')[0]]
  if (!words) return { page: '', words: '' }
  return isStaff ? { page: '/more/hats/hats', words: '换成居民身份再看 ›' } : { page: `/${page}`, words }
}
