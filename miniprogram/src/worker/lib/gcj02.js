// A browser gives positions as satellites see them (WGS-84); maps and estates of this product are in GCJ-02, the
// official grid of China, which lies some hundred metres beside it. The published approximation, good to a few metres.

const AXIS_M = 6378245
const FLATNESS = 0.00669342162296594323

/** [latitude, longitude] in degrees WGS-84 -> the same in GCJ-02; outside China nothing is shifted. */
export function toGcj02(latitude, longitude) {
  if (latitude < 0.8293 || latitude > 55.8271 || longitude < 72.004 || longitude > 137.8347) return [latitude, longitude]
  const [x, y] = [longitude - 105, latitude - 35]
  const phi = (latitude / 180) * Math.PI
  const magic = 1 - FLATNESS * Math.sin(phi) ** 2
  const north = (northOf(x, y) * 180) / (((AXIS_M * (1 - FLATNESS)) / (magic * Math.sqrt(magic))) * Math.PI)
  const east = (eastOf(x, y) * 180) / ((AXIS_M / Math.sqrt(magic)) * Math.cos(phi) * Math.PI)
  return [latitude + north, longitude + east]
}

function waves(...pairs) {
  return pairs.reduce((sum, [height, angle]) => sum + height * Math.sin(angle * Math.PI), 0) * (2 / 3)
}

function northOf(x, y) {
  const plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x))
  return plain + waves([20, 6 * x], [20, 2 * x], [20, y], [40, y / 3], [160, y / 12], [320, y / 30])
}

function eastOf(x, y) {
  const plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x))
  return plain + waves([20, 6 * x], [20, 2 * x], [20, x], [40, x / 3], [150, x / 12], [300, x / 30])
}
