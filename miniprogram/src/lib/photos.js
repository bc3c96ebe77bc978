// Taking photos and choosing them. What is too large for a slow network is made smaller before it is kept.

const LONGEST_SIDE = 1600 // pixels; the server keeps no more
const ENOUGH_BYTES = 800 * 1024

/**
 * Let the person take ('camera') or choose ('album') at most `count` photos. Resolves with their temporary paths, with
 * none when he changed his mind.
 */
export async function choosePhotos(source, count) {
  const paths = await chosen(source, count)
  return Promise.all(paths.slice(0, count).map(smaller))
}

// #ifdef MP-WEIXIN
function chosen(source, count) {
  return new Promise((resolve) => {
    uni.chooseMedia({
      count,
      mediaType: ['image'],
      sourceType: [source],
      sizeType: ['compressed'],
      success: (found) => resolve(found.tempFiles.map((file) => file.tempFilePath)),
      fail: () => resolve([]),
    })
  })
}

function smaller(path) {
  return path // WeChat has done it
}
// #endif

// #ifdef H5
function chosen(source, count) {
  return new Promise((resolve) => {
    uni.chooseImage({
      count,
      sourceType: [source],
      success: (found) => resolve(found.tempFilePaths),
      fail: () => resolve([]),
    })
  })
}

/** The photo with its longer side at most 1600 pixels; as it is when the browser cannot read it. */
async function smaller(path) {
  try {
    const original = await (await fetch(path)).blob()
    const picture = await createImageBitmap(original)
    const ratio = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height))
    if (ratio === 1 && original.size <= ENOUGH_BYTES) return path
    return URL.createObjectURL(await drawn(picture, ratio))
  } catch {
    return path
  }
}

function drawn(picture, ratio) {
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * ratio)
  canvas.height = Math.round(picture.height * ratio)
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', 0.85)
  })
}
// #endif
