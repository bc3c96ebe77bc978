// A worker puts on his hat, takes the order, sets off, signs in at the spot by its sign, with a photo and what he found.

import assert from 'node:assert/strict'
import { tell } from './phone.mjs'

await tell(async (phone) => {
  const { order } = phone.device
  await phone.open('more/hats/hats')
  await phone.tap('师傅')
  await phone.arrivesAt('worker/tasks/tasks')
  await phone.settles()
  await phone.open('worker/task/task', { id: order })
  await phone.tap('确认接单')
  await phone.tap('出发')
  await phone.tap('到场签到')
  await phone.arrivesAt('worker/check-in/check-in')
  await phone.tap('扫')
  await phone.tap('下一步')
  await phone.tap('拍照')
  await phone.type('看到什么', '灯管烧坏,线路完好')
  await phone.tap('下一步')
  await phone.tap('没有危险')
  await phone.tap('下一步')
  await phone.tap('后天下班前')
  await phone.tap('下一步')
  await phone.tap('已当面告诉报修人')
  await phone.tap('签到')
  await phone.arrivesAt('worker/task/task')
  await phone.settles()
  const steps = phone.device.asked.filter((each) => each.method === 'POST' && each.path.startsWith('/api/v1/orders'))
  assert.deepEqual(
    steps.map((each) => [each.path.split('/').at(-1), each.status]),
    [['take', 200], ['depart', 200], ['check-in', 200]],
  )
})
