// What the H5 build needs on its way to a phone: the first page asked for at once, every file compressed beforehand.

import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const WORTH_IT = /\.(js|css|html|svg|json)$/

/**
 * Twins of every text file, `.gz` and `.br`, which the server sends instead (miniprogram_api/client_files.py). The start
 * page is touched last: by its time the server knows that a build is complete.
 */
export function compressed() {
  let directory = ''
  return {
    name: 'anju-compressed',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      directory = config.build.outDir
    },
    closeBundle() {
      for (const path of filesIn(directory)) if (WORTH_IT.test(path)) writeTwins(path)
      const now = new Date()
      utimesSync(join(directory, 'index.html'), now, now)
    },
  }
}

function writeTwins(path) {
  const content = readFileSync(path)
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  const twins = { '.gz': gzipSync(content, { level: 9 }), '.br': brotliCompressSync(content, { params: quality }) }
  for (const [ending, twin] of Object.entries(twins)) {
    if (twin.length < content.length) writeFileSync(path + ending, twin)
  }
}

function filesIn(directory) {
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesIn(path) : [path]))
}

const RUNTIME = '@dcloudio/uni-mp-weixin/dist/uni.mp.esm.js'
const PRELOADING = 'function preloadAsset() {'

/** Take out of uni-app's runtime what makes every phone fetch a picture from a foreign host three seconds after the start. */
export function noForeignPreload() {
  return {
    name: 'anju-no-foreign-preload',
    transform(code, id) {
      if (!id.replaceAll('\\', '/').includes(RUNTIME)) return null
      if (!code.includes(PRELOADING)) throw new Error(`${RUNTIME} preloads in another way now: look at it again`)
      return { code: code.replace(PRELOADING, `${PRELOADING}\n    return;`), map: null }
    },
  }
}
