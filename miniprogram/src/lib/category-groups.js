// Trouble as people look for it: first the part of the home or the estate, then the thing. Codes are those of the catalogue
// (domain 3.4); the words are plainer than the desk's.

const GROUPS = [
  ['H01', '灯和电'],
  ['H02', '水龙头、水管'],
  ['H03', '下水堵了'],
  ['H04', '门、窗、锁'],
  ['H05', '卫生间'],
  ['H06', '家电'],
  ['H07', '燃气'],
  ['H08', '暖气'],
  ['H09', '墙面、安装'],
  ['H10', '打扫卫生'],
  ['H11', '代买、代办'],
  ['H99', '其他'],
  ['G02', '灯和电'],
  ['G01', '电梯'],
  ['G03', '门、门禁、监控'],
  ['G05', '水管、停水'],
  ['G06', '下水、积水'],
  ['G07', '墙面、屋顶、窗'],
  ['G08', '路面、台阶、健身'],
  ['G10', '卫生、垃圾'],
  ['G04', '消防、楼道堆物'],
  ['G09', '花草树木'],
  ['G11', '停车、充电'],
  ['G12', '噪声、秩序'],
  ['G13', '燃气、供暖'],
  ['G99', '说不清、其他'],
]

/** [{ group, name, hint, items }] of what can be chosen here; a group without items is left out. */
export function groupsOf(categories) {
  return GROUPS.map(([group, name]) => {
    const items = categories.filter((category) => category.code.startsWith(group))
    return { group, name, items, hint: hintOf(items) }
  }).filter((each) => each.items.length)
}

function hintOf(items) {
  const names = items.slice(0, 3).map((each) => each.name)
  return names.join('、') + (items.length > names.length ? '等' : '')
}

const PLAIN = { H0104: '漏电、有人触电', H0701: '闻到燃气味', G0101: '有人困在电梯里' }

/** What somebody in need looks for; otherwise the catalogue's name. */
export function plainName(category) {
  return PLAIN[category.code] || category.name
}

/** Where people may be in danger: the safety card comes first (domain 3.8). */
export function isDangerous(category) {
  return category.urgency === 'P0' || category.hazardous
}
