import { defineConfig } from 'vite'
import uni from '@dcloudio/vite-plugin-uni'
import { compressed, noForeignPreload } from './packing.js'

// The uni command sets UNI_PLATFORM ('h5' or 'mp-weixin') before this file is read.
const isMiniProgram = (process.env.UNI_PLATFORM || '').startsWith('mp-')
const plugin = uni.default ?? uni

// The source says role="button"; browsers read `role`, WeChat reads `aria-role`.
function roleToAriaRole(node) {
  if (node.type !== 1) return
  for (const prop of node.props) {
    if (prop.type === 6 && prop.name === 'role') prop.name = 'aria-role'
    if (prop.type === 7 && prop.name === 'bind' && prop.arg?.content === 'role') prop.arg.content = 'aria-role'
  }
}

// Few files for a browser: what a resident may need is there after the first load, also when the network is gone by the
// time he taps 发送; people who work, or who pay, get their pages together with the first of
// them.
function inFewFiles(id) {
  if (/\/src\/(worker|desk)\//.test(id)) return 'work'
  if (/\/src\/(pages|more|components|lib)\//.test(id)) return 'resident'
  if (/\/src\/money\//.test(id)) return 'money'
  return undefined
}

export default defineConfig({
  plugins: [
    plugin({
      vueOptions: {
        template: { compilerOptions: { nodeTransforms: isMiniProgram ? [roleToAriaRole] : [] } },
      },
    }),
    ...(isMiniProgram ? [noForeignPreload()] : [compressed()]),
  ],
  build: {
    assetsInlineLimit: 0,
    rollupOptions: isMiniProgram ? {} : { output: { manualChunks: inFewFiles } },
  },
  server: { host: '127.0.0.1', port: 5173, proxy: { '/api': 'http://127.0.0.1:5000', '/media': 'http://127.0.0.1:5000' } },
})
