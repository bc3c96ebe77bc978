// A receipt as a PDF: opened by WeChat, downloaded by a browser. An electronic invoice lies with its service, which must
// not learn who is signed in here: it is asked without our token, and a browser opens it in a page of its own.

import { Offline, Refusal } from '../../lib/api'
import { address } from '../../lib/address'
import { token } from '../../lib/session'

/** Resolves with a sentence that says where it is; raises Refusal and Offline. */
export async function openReceipt(payment) {
  const [url, name] = [address(payment.receipt_url), `收据-${payment.receipt_no}.pdf`]
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
  await openDocument(await download(url, header), '文件取到了,但这部手机打不开PDF,请到管理处取纸质的')
  return OPENED
  // #endif
}

/** The same for an electronic invoice; it was sent to the payer's mailbox besides. */
export async function openInvoice({ pdf_url: url, email }) {
  // #ifdef H5
  Object.assign(document.createElement('a'), { href: url, target: '_blank', rel: 'noopener noreferrer' }).click()
  return '已在新的页面打开'
  // #endif
  // #ifndef H5
  const instead = `这里打不开,发票已发到您的邮箱 ${email},请在邮箱里看`
  const filePath = await download(url, {}).catch(() => {
    throw new Refusal(0, { message: instead })
  })
  await openDocument(filePath, instead)
  return OPENED
  // #endif
}

// #ifndef H5
const OPENED = '已打开。右上角“…”可以转发和保存'

function openDocument(filePath, otherwise) {
  return new Promise((resolve, reject) => {
    uni.openDocument({ filePath, fileType: 'pdf', showMenu: true, success: resolve, fail: () => reject(new Refusal(0, { message: otherwise })) })
  })
}

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
