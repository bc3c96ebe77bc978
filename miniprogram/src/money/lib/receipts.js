// A receipt or an invoice as a PDF: opened by WeChat, downloaded by a browser.

import { Offline, Refusal } from '../../lib/api'
import { address } from '../../lib/address'
import { token } from '../../lib/session'

export function openReceipt(payment) {
  return openPdf(payment.receipt_url, `收据-${payment.receipt_no}.pdf`)
}

/** Resolves with a sentence that says where it is; raises Refusal and Offline. */
export async function openPdf(path, name) {
  const url = address(path)
  const header = token() ? { Authorization: `Bearer ${token()}` } : {}
  // #ifdef H5
  const answer = await fetch(url, { headers: header }).catch(() => {
    throw new Offline()
  })
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => null))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
  return `已存为“${name}”,在这部手机的下载里`
  // #endif
  // #ifndef H5
  const filePath = await download(url, header)
  await new Promise((resolve, reject) => {
    uni.openDocument({ filePath, fileType: 'pdf', showMenu: true, success: resolve, fail: () => reject(new Refusal(0, { message: NOT_OPENED })) })
  })
  return '已打开。右上角“…”可以转发和保存'
  // #endif
}

// #ifndef H5
const NOT_OPENED = '文件取到了,但这部手机打不开PDF,请到管理处取纸质的'

function download(url, header) {
  return new Promise((resolve, reject) => {
    uni.downloadFile({
      url,
      header,
      success: ({ statusCode, tempFilePath }) => (statusCode === 200 ? resolve(tempFilePath) : reject(new Refusal(statusCode, null))),
      fail: () => reject(new Offline()),
    })
  })
}
// #endif
