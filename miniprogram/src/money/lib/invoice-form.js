// 发票: how it is handed over, for whom it is made out, and whether the tax number can be right (GB 32100-2015). Pure.

/** Codes are the server's; an electronic one is offered where a service for it is connected (GET /invoices/choices). */
export const HOWS = [
  { code: 'office', text: '到管理处取', hint: '开好以后通知您' },
  { code: 'letterbox', text: '投到信报箱', hint: '投好以后通知您' },
  { code: 'electronic', text: '电子发票', hint: '发到您的邮箱' },
]
export const KINDS = [
  { code: 'person', text: '个人', hint: '写您的姓名' },
  { code: 'company', text: '单位', hint: '写单位名称和税号' },
]
export const STEPS = ['how', 'title_kind', 'title', 'send']
export const EMPTY = { step: 'how', how: '', title_kind: '', title: '', tax_no: '', email: '' }

const DIGITS = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

export function textOf(list, code) {
  return list.find((each) => each.code === code)?.text || ''
}

/** As people type it, with spaces and small letters, in the shape of the register. */
export function taxNumber(text) {
  return text.replace(/[\s-]/g, '').toUpperCase()
}

/** The 18th character of a 统一社会信用代码 follows from the 17 before it. */
export function isTaxNumber(text) {
  const number = taxNumber(text)
  const values = [...number].map((letter) => DIGITS.indexOf(letter))
  if (number.length !== 18 || values.includes(-1)) return false
  const sum = values.slice(0, 17).reduce((all, value, place) => all + value * 3 ** place, 0)
  return values[17] === (31 - (sum % 31)) % 31
}

/** { title, tax_no, email }: what is wrong with each, in a sentence; empty when nothing is. */
export function faultsOf(form) {
  const faults = {}
  if (!form.title.trim()) faults.title = form.title_kind === 'company' ? '请写单位名称' : '请写姓名'
  if (form.title_kind === 'company' && !isTaxNumber(form.tax_no)) faults.tax_no = '税号不对,请对照营业执照再看一遍,应该是 18 位'
  if (form.how === 'electronic' && !EMAIL.test(form.email.trim())) faults.email = '请写收发票的邮箱,例如 name@example.com'
  return faults
}

/** For POST /payments/{id}/invoice. */
export function bodyOf(form) {
  const forCompany = form.title_kind === 'company'
  return {
    how: form.how,
    title_kind: form.title_kind,
    title: form.title.trim(),
    tax_no: forCompany ? taxNumber(form.tax_no) : '',
    email: form.how === 'electronic' ? form.email.trim() : '',
  }
}
