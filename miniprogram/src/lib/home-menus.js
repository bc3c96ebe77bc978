// The three buttons of the home page (S2-04): known without the network, fewer where a place has fewer (S2-29).

const MENUS = [
  {
    menu: 'APT',
    kind: 'booking',
    title: '服务预约',
    example: '换灯、修水龙头',
    spoken: '家里要修东西,约师傅上门',
    url: '/pages/booking/booking',
  },
  {
    menu: 'PUB',
    kind: 'report',
    title: '公区报事',
    example: '楼道灯、门禁坏',
    spoken: '楼道、院子里的东西坏了,拍照告诉物业',
    url: '/pages/report/report',
  },
  {
    menu: 'EMG',
    kind: 'emergency',
    title: '应急维修',
    example: '漏水、没电',
    spoken: '家里漏水、没电,马上叫师傅',
    url: '/pages/emergency/emergency',
  },
]
const HOURS = [
  [5, '夜里好'],
  [9, '早上好'],
  [12, '上午好'],
  [14, '中午好'],
  [18, '下午好'],
  [24, '晚上好'],
]
const CHINA_HOURS = 8

/** 上午好, by the clock in China. */
export function greet(now = Date.now()) {
  const hour = (new Date(now).getUTCHours() + CHINA_HOURS) % 24
  return HOURS.find(([until]) => hour < until)[1]
}

/** What can be pressed: all three until the server has said that some are not offered here. */
export function menusOf(known) {
  return MENUS.filter((each) => isOn(known, each.menu))
}

/** Why a menu is missing, as the server says it; empty when none is. */
export function whyFewerMenus(known) {
  const off = (known?.items || []).find((each) => !each.enabled)
  return off ? off.reason : ''
}

function isOn(known, menu) {
  const found = (known?.items || []).find((each) => each.menu === menu)
  return !found || found.enabled
}

/** What has to be known before anything is sent, for instance that nobody comes at night: each sentence once. */
export function notesOf(known) {
  const said = (known?.items || []).filter((each) => each.enabled && each.note)
  return [...new Set(said.map((each) => each.note))].map((note) => {
    const menus = said.filter((each) => each.note === note)
    return menus.length === MENUS.length ? note : `${menus.map((each) => each.label).join('、')}:${note}`
  })
}

/** A sentence in pieces, so that the name of a menu stays on one line: [{ text, whole }]. */
export function pieces(sentence) {
  const names = MENUS.map((each) => each.title).join('|')
  return `${sentence}。`
    .split(new RegExp(`(“?(?:${names})”?)`))
    .filter(Boolean)
    .map((text) => ({ text, whole: MENUS.some((each) => text.includes(each.title)) }))
}
