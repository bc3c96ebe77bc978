// What the H5 build needs on its way to a phone: every file compressed beforehand, and the list of what a phone keeps.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const SERVICE_WORKER = fileURLToPath(new URL('./service-worker.js', import.meta.url))
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
      writeServiceWorker(directory)
      for (const path of filesIn(directory)) if (WORTH_IT.test(path)) writeTwins(path)
      const now = new Date()
      utimesSync(join(directory, 'index.html'), now, now)
    },
  }
}

/** The service worker with the names of this build's files, and a name that changes with their content. */
function writeServiceWorker(directory) {
  const paths = filesIn(directory).filter((path) => !/\.(gz|br)$/.test(path) && !path.endsWith('sw.js')).sort()
  const digest = createHash('sha256')
  for (const path of paths) digest.update(readFileSync(path))
  const names = paths.map((path) => relative(directory, path).split(sep).join('/')).filter((name) => name !== 'index.html')
  const text = readFileSync(SERVICE_WORKER, 'utf8')
  const build = `anju-${digest.digest('hex').slice(0, 16)}`
  writeFileSync(join(directory, 'sw.js'), text.replace('__BUILD__', build).replace('__FILES__', JSON.stringify(names)))
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
