// A phone on which the built mp-weixin package runs, in Node: jsdom, WeChat's own template compiler, our stub of wx.
//
//   const phone = await startPhone({ ...given, person: 'wang' })
//   await phone.open('pages/report/report')
//   await phone.tap('拍照')
//   await phone.sees('已收到')
//
// There is no layout and no style here; what a person sees is what the pages' templates made of their data.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { makeWx } from './wechat.mjs'

const PRESSABLE = new Set(['button', 'link', 'radio', 'checkbox', 'tab', 'switch'])
const WAIT_MS = 10000
const STEP_MS = 25

/**
 * Start the app. `given`: package (directory), modules (directory of package.json), server, sandbox, aheadMs, person,
 * stored (what the client keeps already, by name), and whatever of a device differs from the plain one. One phone for each process: the package's modules keep its state.
 */
export async function startPhone(given) {
  const device = {
    fontFactor: 1,
    camera: [],
    sign: '',
    position: null,
    online: true,
    asked: [],
    deeds: [],
    consents: [],
    ...given,
    storage: new Map(Object.entries(given.stored || {}).map(([name, value]) => [`anju.${name}`, JSON.stringify(value)])),
  }
  const phone = new Phone(device, createRequire(join(device.modules, 'package.json')))
  phone.launch()
  return phone
}

class Phone {
  constructor(device, require) {
    this.device = device
    this.require = require
    this.pages = []
    this.faults = []
    this.ids = new Map()
    this.listen()
    this.makeWorld()
  }

  /** Whatever the app complains about is a fault, as a red line in WeChat's console would be. */
  listen() {
    const hear = (...said) => this.faults.push(said.map((each) => each?.stack || String(each)).join(' '))
    console.error = hear
    console.warn = (...said) => String(said[0]).includes('[Vue warn]') && hear(...said)
    process.on('unhandledRejection', hear)
    process.on('uncaughtException', hear)
  }

  makeWorld() {
    const { JSDOM } = this.require('jsdom')
    const { window } = new JSDOM('<!DOCTYPE html><body></body>', { pretendToBeVisual: true })
    for (const name of ['document', 'Element', 'HTMLElement', 'Event', 'CustomEvent', 'TouchEvent', 'Node']) {
      globalThis[name] = window[name]
    }
    globalThis.window = window
    moveClock(this.device.aheadMs || 0)
    globalThis.wx = makeWx(this.device, (kind, asked) => this.navigate(kind, asked))
    globalThis.getCurrentPages = () => this.pages.map((page) => page.instance)
    globalThis.Page = () => {} // uni-app wraps it and uses Component
    globalThis.App = (options) => (this.app = options)
    globalThis.getApp = () => this.app
    globalThis.__wxConfig = {}
    this.simulate = this.require('miniprogram-simulate')
    this.exparser = this.require('miniprogram-exparser')
  }

  launch() {
    this.require(join(this.device.package, 'app.js'))
    const launched = { path: 'pages/home/home', query: {}, scene: 1001 }
    this.app.onLaunch?.(launched)
    this.app.onShow?.(launched)
  }

  /** Every page of the package. */
  get allPages() {
    const app = JSON.parse(readFileSync(join(this.device.package, 'app.json'), 'utf-8'))
    const more = (app.subPackages || []).flatMap((sub) => sub.pages.map((page) => `${sub.root}/${page}`))
    return [...app.pages, ...more]
  }

  get page() {
    return this.pages.at(-1)
  }

  /** Start at a page, as from a link or a message: nothing is below it. */
  async open(path, query = {}) {
    const asked = new URLSearchParams(query).toString()
    await this.navigate('reLaunch', { url: `/${path}${asked ? `?${asked}` : ''}` })
  }

  async navigate(kind, { url = '', delta = 1, success, fail, complete } = {}) {
    try {
      if (kind === 'navigateBack') this.goBack(delta)
      else this.goTo(kind, url)
      success?.({ errMsg: `${kind}:ok` })
    } catch (error) {
      this.faults.push(String(error?.stack || error))
      fail?.({ errMsg: `${kind}:fail ${error.message}` })
    }
    complete?.({})
  }

  goBack(delta) {
    for (let left = delta; left > 0 && this.pages.length > 1; left -= 1) this.close(this.pages.pop())
    this.page.instance.onShow?.()
  }

  goTo(kind, url) {
    const [path, query = ''] = url.replace(/^\//, '').split('?')
    const full = url.startsWith('/') ? path : join(this.page.path, '..', path)
    const leaving = kind === 'reLaunch' ? this.pages.splice(0) : kind === 'redirectTo' ? this.pages.splice(-1) : []
    if (kind === 'navigateTo') this.page?.instance.onHide?.()
    const page = this.show(full, Object.fromEntries(new URLSearchParams(query)))
    for (const old of leaving) this.close(old)
    return page
  }

  show(path, query) {
    const page = { path, ...this.render(path) }
    page.instance.route = page.instance.__route__ = path
    this.pages.push(page)
    page.root.attach(document.body.appendChild(page.place))
    page.instance.onLoad?.(query)
    page.instance.onShow?.()
    page.instance.onReady?.()
    return page
  }

  render(path) {
    if (!this.allPages.includes(path)) throw new Error(`there is no page ${path}`)
    if (!this.ids.has(path)) {
      const options = { rootPath: this.device.package, compiler: 'official' }
      this.ids.set(path, this.simulate.load(join(this.device.package, path), 'page', options))
    }
    const root = this.simulate.render(this.ids.get(path))
    return { root, instance: root.instance, place: document.createElement('div') }
  }

  close(page) {
    page.instance.onUnload?.()
    page.root.detach()
    page.place.remove()
  }

  /** The words on the page, in their order. */
  text() {
    return this.page.place.textContent.replace(/\s+/g, ' ').trim()
  }

  /** Everything on the page that can be pressed: { name, element, disabled }. */
  pressables() {
    const found = []
    for (const element of this.page.place.querySelectorAll('*')) {
      const given = attributesOf(element)
      if (PRESSABLE.has(given['aria-role'])) {
        const name = given['aria-label'] || element.textContent.trim()
        found.push({ name, element, disabled: given['aria-disabled'] === 'true' })
      }
    }
    return found
  }

  /** Tap what has this name; waits for it. */
  async tap(name) {
    const matches = () => {
      const able = this.pressables().filter((each) => !each.disabled)
      return able.find((each) => each.name === name) || able.find((each) => each.name.includes(name))
    }
    const found = await this.until(matches, `something to tap: ${name}`)
    this.fire(found.element, 'tap')
    await pause(STEP_MS)
  }

  /** Type into the field with this label. */
  async type(label, value) {
    const fields = () => [...this.page.place.querySelectorAll('wx-input,wx-textarea')]
    const named = () => fields().find((each) => (attributesOf(each)['aria-label'] || '').includes(label))
    this.fire(await this.until(named, `a field: ${label}`), 'input', { value })
    await pause(STEP_MS)
  }

  fire(element, name, detail = {}) {
    const options = { bubbles: true, capturePhase: true, composed: true }
    this.exparser.Event.dispatchEvent(element.__wxElement, this.exparser.Event.create(name, detail, options))
  }

  async sees(words) {
    await this.until(() => this.text().includes(words), `the words: ${words}`)
  }

  async arrivesAt(path) {
    await this.until(() => this.page.path === path, `the page ${path}`)
  }

  /** Ask until the answer is true; fails with what is on the page. */
  async until(question, what) {
    const end = performance.now() + WAIT_MS
    for (;;) {
      const answer = question()
      if (answer) return answer
      if (performance.now() > end) {
        const names = this.pressables().map((each) => each.name + (each.disabled ? ' (off)' : ''))
        throw new Error(`${what}; ${this.page.path} shows: ${this.text()} | ${names} | ${this.faults} | ${this.lastAsked()}`)
      }
      await pause(STEP_MS)
    }
  }

  lastAsked() {
    return this.device.asked.slice(-5).map((each) => `${each.method} ${each.path} ${each.status}`)
  }

  /** Wait until nothing is asked any more. */
  async settles() {
    for (let quiet = 0, count = -1; quiet < 6; quiet += 1) {
      if (count !== this.device.asked.length) [count, quiet] = [this.device.asked.length, 0]
      await pause(STEP_MS)
    }
  }

  stored(name) {
    const text = this.device.storage.get(`anju.${name}`)
    return text ? JSON.parse(text) : null
  }

  goOffline() {
    this.device.online = false
    this.device.noticeNetwork()
  }

  goOnline() {
    this.device.online = true
    this.device.noticeNetwork()
  }
}

/** Run a story with what the test gave (JSON in GIVEN); ends with 1 when it fails or the app complained. */
export async function tell(story) {
  process.exitCode = 1
  let phone = null
  try {
    phone = await startPhone(JSON.parse(process.env.GIVEN))
    await story(phone)
    if (phone.faults.length) throw new Error(phone.faults.join('\n'))
    process.exit(0)
  } catch (error) {
    process.stdout.write(`${error.stack}\n${phone ? phone.faults.join('\n') : ''}\n`)
    process.exit(1)
  }
}

/** Attributes as the template wrote them ("aria-label"); the compiler says ariaLabel and nothing of it is in the DOM. */
function attributesOf(element) {
  const written = element.__wxElement?._vt?.attrs || []
  return Object.fromEntries(written.map(({ name, value }) => [name.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`), value]))
}

function moveClock(aheadMs) {
  const real = Date
  const now = () => real.now() + aheadMs
  globalThis.Date = new Proxy(real, {
    construct: (made, given, as) => Reflect.construct(made, given.length ? given : [now()], as),
    get: (made, name) => (name === 'now' ? now : Reflect.get(made, name)),
  })
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
