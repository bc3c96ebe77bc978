// Draws the dashboard's charts, counts down, and keeps the wall fresh. All numbers come with the page.

import { toast } from './console.js';

const style = getComputedStyle(document.documentElement);
const token = (name) => style.getPropertyValue(name).trim();
const isWall = document.body.classList.contains('wall');
const SIZE = isWall ? 15 : 12;
const COLOURS = {
  reached: token('--report'), missed: token('--late'), small: '#9aa0a8',
  ink: token('--ink'), ink2: token('--ink-2'), line: token('--line'), target: token('--ink'),
};
const LINES = [
  { colour: '#0b57d0', symbol: 'circle', type: 'solid' },
  { colour: '#8a5a00', symbol: 'triangle', type: 'solid' },
  { colour: '#0a6b3d', symbol: 'rect', type: 'dashed' },
];
const SIGNS = { reached: ' ✓', missed: ' ▼', small: '' };
const ROW = isWall ? 36 : 34;
const WALL_REFRESH_MS = 30_000;
const font = { fontFamily: token('--font'), fontSize: SIZE, color: COLOURS.ink2 };
const tooltip = {
  renderMode: 'richText', confine: true, backgroundColor: '#fff', borderColor: COLOURS.line, borderWidth: 1,
  textStyle: { ...font, color: COLOURS.ink },
};
const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const measure = document.createElement('canvas').getContext('2d');
const widest = (texts, size) => {
  measure.font = `${size}px ${font.fontFamily}`;
  return Math.max(0, ...texts.map((text) => measure.measureText(text).width));
};

// Name and fraction above each bar, the rate in a column at the right: no text ever lies on a bar or the target line.
function rates(drawn, place) {
  const room = isWall ? Math.max(1, Math.floor(place.clientHeight / ROW)) : drawn.bars.length;
  const bars = drawn.bars.slice(-room).reverse();
  const right = Math.ceil(widest(bars.map((bar) => bar.words + SIGNS[bar.state]), SIZE)) + 14;
  const thick = isWall ? 12 : 10;
  const offset = (SIZE + 5) / 2;
  const most = Math.floor((place.clientWidth - 70) / SIZE);
  const inkOf = (bar) => (bar.state === 'small' ? COLOURS.ink2 : COLOURS[bar.state]);
  return {
    grid: { left: 1, right, top: 0, bottom: 0 },
    tooltip: {
      ...tooltip,
      trigger: 'item',
      formatter: ({ dataIndex }) => {
        const bar = bars[dataIndex];
        return `${bar.name}\n${bar.words}(${bar.under})${SIGNS[bar.state]}${bar.state === 'small' ? ' 样本少' : ''}\n点击看未计入的工单`;
      },
    },
    xAxis: { type: 'value', min: 0, max: 100, show: false },
    yAxis: { type: 'category', data: bars.map((bar) => bar.name), show: false },
    series: [
      {
        type: 'bar', silent: true, barWidth: SIZE + 5, barGap: '0%', data: bars.map(() => 0),
        label: {
          show: true, position: 'right', distance: 0,
          formatter: ({ dataIndex }) => {
            const bar = bars[dataIndex];
            return `{name|${shorten(bar.name, most)}}  {under|${bar.under}${bar.state === 'small' ? ' 样本少' : ''}}`;
          },
          rich: { name: { ...font, color: COLOURS.ink }, under: { ...font, fontSize: SIZE - 1 } },
        },
      },
      {
        type: 'bar', barWidth: thick, cursor: 'pointer',
        showBackground: true, backgroundStyle: { color: '#e9ecf0' },
        data: bars.map((bar) => ({ value: bar.percent, itemStyle: { color: COLOURS[bar.state] } })),
      },
      {
        type: 'scatter', silent: true, symbolSize: 1, symbolOffset: [8, offset], itemStyle: { color: 'transparent', opacity: 1 },
        data: bars.map((bar, row) => ({ value: [100, row], label: { color: inkOf(bar) } })),
        label: {
          show: true, position: 'right', distance: 0, ...font, fontWeight: 600,
          formatter: ({ dataIndex }) => bars[dataIndex].words + SIGNS[bars[dataIndex].state],
        },
      },
      {
        type: 'scatter', silent: true, symbol: 'rect', symbolSize: [2, thick + 6], symbolOffset: [0, offset], z: 5,
        itemStyle: { color: COLOURS.target, opacity: 1 }, data: drawn.target === null ? [] : bars.map((bar, row) => [drawn.target, row]),
      },
    ],
    linkOf: ({ dataIndex }) => bars[dataIndex].link,
  };
}

function counts(drawn) {
  const bars = [...drawn.bars].reverse();
  const names = bars.map((bar) => shorten(bar.name, 9));
  return {
    grid: { left: Math.ceil(widest(names, SIZE)) + 12, right: 44, top: 4, bottom: 4 },
    tooltip: { ...tooltip, trigger: 'item', formatter: ({ dataIndex }) => `${bars[dataIndex].name}\n新增 ${bars[dataIndex].count} 张,点击看工单` },
    xAxis: { type: 'value', min: 0, show: false },
    yAxis: {
      type: 'category', data: names, axisTick: { show: false },
      axisLine: { lineStyle: { color: COLOURS.line } }, axisLabel: { ...font, color: COLOURS.ink, interval: 0 },
    },
    series: [{
      type: 'bar', barMaxWidth: isWall ? 20 : 16, cursor: 'pointer', itemStyle: { color: '#4a6b94' },
      data: bars.map((bar) => bar.count),
      label: { show: true, position: 'right', ...font, color: COLOURS.ink, fontWeight: 600 },
    }],
    linkOf: ({ dataIndex }) => bars[dataIndex].link,
  };
}

function trendTip(drawn, found) {
  const place = found[0].dataIndex;
  const lines = drawn.lines.map((line) => {
    const percent = line.percent[place];
    return `${line.name} ${percent === null ? '—' : `${percent}%`}(${line.under[place]}${line.small[place] ? ',样本少' : ''})`;
  });
  return [drawn.days[place], `当天新增 ${drawn.new[place]} 张`, '到这一天为止 7 天:', ...lines].join('\n');
}

function trend(drawn) {
  const axis = { type: 'category', data: drawn.days, axisTick: { show: false }, axisLine: { lineStyle: { color: COLOURS.line } } };
  const split = { splitLine: { lineStyle: { color: '#eceef1' } }, axisLabel: font };
  const right = isWall ? 84 : 66;
  const lowest = Math.min(80, ...drawn.lines.flatMap((line) => line.percent.filter((each) => each !== null)));
  return {
    legend: { data: drawn.lines.map((line) => line.name), top: 0, right, itemWidth: 26, textStyle: font },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    tooltip: { ...tooltip, trigger: 'axis', axisPointer: { type: 'line' }, formatter: (found) => trendTip(drawn, found) },
    grid: [
      { left: 46, right, top: 26, height: '30%' },
      { left: 46, right, top: '50%', bottom: 24 },
    ],
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false } },
      { ...axis, gridIndex: 1, axisLabel: font },
    ],
    yAxis: [
      { type: 'value', gridIndex: 0, name: '新增(张)', nameTextStyle: { ...font, align: 'left' }, nameGap: 8, splitNumber: 2, minInterval: 1, ...split },
      { type: 'value', gridIndex: 1, min: Math.floor(lowest / 20) * 20, max: 100, interval: 20, ...split, axisLabel: { ...font, formatter: '{value}%' } },
    ],
    series: [
      { type: 'bar', name: '新增工单', data: drawn.new, itemStyle: { color: '#4a6b94' }, barMaxWidth: 18, cursor: 'pointer' },
      ...drawn.lines.map((line, place) => ({
        type: 'line', name: line.name, xAxisIndex: 1, yAxisIndex: 1, connectNulls: false,
        data: line.percent.map((value, day) => (line.small[day] ? { value, itemStyle: { color: '#c3c7cd' } } : value)),
        symbol: LINES[place].symbol, symbolSize: isWall ? 8 : 6, cursor: 'pointer',
        lineStyle: { color: LINES[place].colour, width: 2, type: LINES[place].type },
        itemStyle: { color: LINES[place].colour },
        markLine: place || drawn.target === null ? undefined : {
          silent: true, symbol: 'none', lineStyle: { color: COLOURS.target, type: 'dashed' },
          label: { ...font, color: COLOURS.ink, formatter: `目标 ${drawn.target}%`, position: 'end' }, data: [{ yAxis: drawn.target }],
        },
      })),
    ],
    linkOf: ({ seriesIndex, dataIndex }) => (seriesIndex ? drawn.lines[seriesIndex - 1].links : drawn.links)[dataIndex],
  };
}

const KINDS = { rates, counts, trend };
const drawings = new Map();

function draw(place) {
  const drawn = JSON.parse(place.dataset.chart);
  const { linkOf, ...option } = KINDS[drawn.kind](drawn, place);
  const drawing = window.echarts.init(place, null, { renderer: 'canvas' });
  drawing.setOption({ animation: false, textStyle: { fontFamily: font.fontFamily }, ...option });
  drawing.getZr().flush(); // painted now and not with the next frame: a hidden window has none
  if (!isWall) drawing.on('click', (event) => { location.href = linkOf(event); });
  drawings.set(place, drawing);
}

function drawAll() {
  for (const place of document.querySelectorAll('.chart')) draw(place);
  document.body.dataset.drawn = String(drawings.size);
}

function forgetAll() {
  for (const drawing of drawings.values()) drawing.dispose();
  drawings.clear();
}

// Countdowns run by the server's time, which a development instance may have moved.
let ahead = 0;

function duration(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) {
    const seconds = Math.floor(ms / 1000) % 60;
    return `${minutes}:${String(seconds).padStart(2, '0')}`;
  }
  return minutes < 1440 ? `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分` : `${Math.floor(minutes / 1440)} 天`;
}

function countDown() {
  const now = Date.now() + ahead;
  for (const place of document.querySelectorAll('[data-left]')) {
    if (!place.dataset.left) continue;
    const left = Number(place.dataset.left) - now;
    place.textContent = left >= 0 ? `还剩 ${duration(left)}` : `⚠ 已超 ${duration(-left)}`;
    place.classList.toggle('is-late', left < 0);
    place.classList.toggle('is-warn', left >= 0 && left < 300_000);
  }
  for (const place of document.querySelectorAll('[data-clock]')) {
    const parts = new Intl.DateTimeFormat('zh-CN', {
      timeZone: 'Asia/Shanghai', month: 'long', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit', hour12: false,
    }).format(now);
    place.textContent = parts;
  }
}

function takeServerTime() {
  const given = document.querySelector('[data-clock], [data-now]');
  const at = given && Number(given.dataset.clock || given.dataset.now);
  if (at) ahead = at - Date.now();
}

async function refreshWall() {
  try {
    const response = await fetch(location.href, { credentials: 'same-origin' });
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (!response.ok || !fresh.querySelector('.board-grid')) throw new Error('no dashboard');
    forgetAll();
    for (const part of ['.board-grid', '.top-tools']) {
      document.querySelector(part).replaceWith(document.adoptNode(fresh.querySelector(part)));
    }
    takeServerTime();
    drawAll();
    countDown();
    document.body.dataset.refreshed = String(Number(document.body.dataset.refreshed || 0) + 1);
  } catch {
    const line = document.querySelector('.as-of');
    line.classList.add('is-old');
    line.textContent = '⚠ 暂时连不上服务器,画面停在上一次的数据,每 30 秒自动重试';
  }
}

let resizing;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => { forgetAll(); drawAll(); }, 150);
});
document.addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('.defn[open]')) if (!open.contains(event.target)) open.open = false;
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') for (const open of document.querySelectorAll('.defn[open]')) open.open = false;
});
document.addEventListener('submit', (event) => {
  if (!event.target.matches('.export')) return;
  toast('正在准备文件……');
  setTimeout(() => { event.target.querySelector('button').disabled = false; }, 2000);
});

takeServerTime();
drawAll();
countDown();
setInterval(countDown, 1000);
if (isWall) setInterval(refreshWall, WALL_REFRESH_MS);
