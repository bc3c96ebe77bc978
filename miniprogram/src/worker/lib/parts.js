// Parts that were used, as a list of names with quantities, and as the one line that the server keeps. Pure.

export const LONGEST = 200

/** 灯管×2、开关×1; lines without a name are left out. */
export function partsText(parts) {
  return parts
    .filter((part) => part.name.trim())
    .map((part) => `${part.name.trim()}×${part.count}`)
    .join('、')
}

/** Why these parts cannot be sent, empty when they can. */
export function partsProblem(parts) {
  const length = partsText(parts).length
  return length > LONGEST ? `配件太多,写不下(${length} 字,最多 ${LONGEST} 字),请合并几样` : ''
}
