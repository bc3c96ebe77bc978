// The reasons that a worker chooses from; the codes are the server's (app/orders/field_work.py, extensions.py, holds.py).

export const DECLINE = [
  { code: 'safety', text: '安全原因', hint: '现场有危险,不影响您的考核' },
  { code: 'busy', text: '手头满', hint: '' },
  { code: 'skill', text: '技能不符', hint: '' },
  { code: 'far', text: '距离远', hint: '' },
  { code: 'off_shift', text: '不在班', hint: '' },
  { code: 'other', text: '其他', hint: '' },
]

export const EXTENSION = [
  { code: 'buying', text: '采购困难', hint: '材料或配件买不到' },
  { code: 'obsolete', text: '配件停产', hint: '要找代用件' },
  { code: 'custom', text: '要定制', hint: '厂家做好才能装' },
]

export const HOLD = [
  { code: 'nobody_home', text: '家里没人', hint: '打过两次电话,拍一张门口的照片' },
  { code: 'resident_asked', text: '居民要求改时间', hint: '他现在不方便' },
]

/** What came of a call, ready to be tapped. */
export const CALLED = ['已通知,在家等', '没人接', '约了别的时间', '说不用修了']

export const TALKED = ['已当面告诉报修人', '已电话告诉报修人', '打了电话,没联系上']
export const DONE = ['已修好,试用正常', '已更换配件,试用正常', '已临时处理,安全']

/** Why it is better to repair although the resident wants to stop. */
export const KEEP_ON = ['线路已经拆开,停下来有危险', '水阀还关着,要接好才能用', '配件已经换上,只差装好']
