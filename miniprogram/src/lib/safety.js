// What to do now, before anything is reported: three short steps for each kind of danger, and whom to call (domain 3.8).
//
// `asks` names the calls in their order: fire 119, ambulance 120, police 110, gas (the gas company), lift, office (小区物业).
// Gas goes to the gas company alone: property staff clear the stairwell and never touch the pipe.

const GAS = {
  title: '闻到燃气味',
  steps: [
    '不开灯、不关灯,不碰任何电器开关和插头,不点火',
    '能马上做到的,关上燃气阀门,打开门窗',
    '马上带家人走到楼外,到了楼外再打电话',
  ],
  asks: ['gas', 'fire'],
  note: '燃气只由燃气公司来处理,物业不会上门修。您继续报修,物业会来帮忙疏散和警戒。',
  after: '我在楼外,安全了,继续报修',
}
const SHOCK = {
  title: '漏电、触电',
  steps: [
    '不碰漏电的地方,也不用手去拉触电的人',
    '手是干的、脚下没有水,才去拉下家里的总开关;够不到就离远一点',
    '有人触电,断了电再去扶,马上打 120',
  ],
  asks: ['ambulance', 'fire', 'office'],
}
const SHORT_CIRCUIT = {
  title: '跳闸、短路',
  steps: [
    '不要反复往上推开关,先拔掉插头',
    '闻到焦味或看到火花,拉下总开关,离开那里',
    '着火了不要用水浇,马上出门,打 119',
  ],
  asks: ['fire', 'office'],
}
const BURST = {
  title: '水管爆了',
  steps: [
    '关上进水总阀门(多在水表旁边),顺时针拧紧',
    '地上有水,不碰插座和电器;不用站在水里就能够到的,才拉下总开关',
    '地滑,慢慢走;阀门拧不动,马上打电话给物业',
  ],
  asks: ['office'],
}
const HEATING = {
  title: '暖气漏水',
  steps: [
    '水很烫,人先离开,不要用手去堵',
    '够得着、不烫手,才关上暖气片两头的阀门',
    '地上有水,不碰插座和电器',
  ],
  asks: ['office', 'ambulance'],
}
const GLASS = {
  title: '玻璃碎了',
  steps: [
    '穿上鞋,不要用手捡碎玻璃',
    '不要去推快掉的窗,请人离开窗下',
    '有人割伤,按住伤口;伤得重打 120',
  ],
  asks: ['ambulance', 'office'],
}
const LIFT = {
  title: '有人困在电梯里',
  steps: [
    '不扒门,不从门缝往外爬,等专业人员来',
    '按住电梯里的报警按钮,或者打电话给物业',
    '背靠电梯壁站稳,慢慢呼吸;外面的人别离开,陪着说话',
  ],
  asks: ['lift', 'office', 'fire', 'ambulance'],
}
const WIRES = {
  title: '电线裸露、漏电',
  steps: [
    '马上离开;电线掉在地上的,离开至少 8 米,不踩旁边的水',
    '提醒别人不要靠近,不用东西去挑电线',
    '有人触电,没断电不要碰他,马上打 120',
  ],
  asks: ['office', 'ambulance', 'fire'],
}
const PUBLIC_WATER = {
  title: '公共水管爆了',
  steps: ['离开积水的地方,不碰旁边的电器和电线', '住在低处的,把怕水的东西搬高', '马上打电话给物业关总阀'],
  asks: ['office'],
}
const MANHOLE = {
  title: '井盖没了',
  steps: ['不靠近井口,不往里看', '在旁边放醒目的东西,提醒行人和车辆', '有人掉下去,不要自己下去救,马上打 119'],
  asks: ['office', 'fire', 'police'],
}
const FALLING = {
  title: '有东西会掉下来',
  steps: ['马上离开墙根和楼下', '提醒别人绕开走,不让孩子靠近', '有人受伤,打 120;有人往下扔东西,打 110'],
  asks: ['office', 'ambulance', 'police'],
}
const TREE = {
  title: '树要倒',
  steps: ['离开树下和树会倒的方向', '树碰到电线,离开至少 8 米', '提醒别人绕开走'],
  asks: ['office', 'fire'],
}
const ANY = {
  title: '可能有危险',
  steps: ['先离开有危险的地方', '不要自己动手', '有人受伤打 120,着火打 119'],
  asks: ['office', 'ambulance', 'fire'],
}

const CARDS = {
  G0101: LIFT,
  G0203: WIRES,
  G0502: PUBLIC_WATER,
  G0603: MANHOLE,
  G0702: FALLING,
  G0902: TREE,
  G1201: FALLING,
  G1301: GAS,
  H0103: SHORT_CIRCUIT,
  H0104: SHOCK,
  H0203: BURST,
  H0204: BURST,
  H0405: GLASS,
  H0701: GAS,
  H0802: HEATING,
}

/** The card of a category: { title, steps (three), asks, note, after }. */
export function safetyOf(code) {
  return { note: '', after: '我安全了,继续报修', ...(CARDS[code] || ANY) }
}
