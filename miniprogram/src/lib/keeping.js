// What stays on this phone between visits. Values are JSON; a full or forbidden store is no reason to fail.

const PREFIX = 'anju.'

export function keep(name, value) {
  try {
    uni.setStorageSync(PREFIX + name, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

export function kept(name, otherwise = null) {
  try {
    const text = uni.getStorageSync(PREFIX + name)
    return text ? JSON.parse(text) : otherwise
  } catch {
    return otherwise
  }
}

export function drop(name) {
  try {
    uni.removeStorageSync(PREFIX + name)
  } catch {
    // it was not there
  }
}

/** Everything whose name begins so. */
export function dropAll(beginning) {
  const { keys } = uni.getStorageInfoSync()
  for (const key of keys) if (key.startsWith(PREFIX + beginning)) drop(key.slice(PREFIX.length))
}
