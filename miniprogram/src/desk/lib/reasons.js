// Why an order is refused; the codes are the server's (app/orders/desk.py).

export const REJECT = [
  { code: 'not_our_estate', text: '非本小区', hint: '' },
  { code: 'not_our_service', text: '非服务范围', hint: '例如:供电、燃气公司的设备' },
  { code: 'duplicate', text: '重复报修', hint: '' },
  { code: 'untrue', text: '信息不实', hint: '到现场没有这个问题' },
  { code: 'malicious', text: '恶意报事', hint: '' },
]
