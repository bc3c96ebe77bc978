// Draws the charts of the finance pages. All numbers come with the page, in fen; every chart has its table beneath.

const style = getComputedStyle(document.documentElement);
const token = (name) => style.getPropertyValue(name).trim();
const SIZE = 12;
const INK = token('--ink');
const LINE = token('--line');
const COLOURS = { income: '#0a6b3d', expense: '#8a5a00' };
const SERIES = ['#0a6b3d', '#8a5a00', '#0b57d0'];
const font = { fontFamily: token('--font'), fontSize: SIZE, color: token('--ink-2') };
const tooltip = {
  renderMode: 'richText', confine: true, backgroundColor: '#fff', borderColor: LINE, borderWidth: 1, textStyle: { ...font, color: INK },
};
const yuan = (fen) => `¥${(fen / 100).toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const round = (fen) => {
  const value = fen / 100;
  return Math.abs(value) >= 10_000 ? `${+(value / 10_000).toFixed(1)}万` : String(+value.toFixed(0));
};
const measure = document.createElement('canvas').getContext('2d');
const widest = (texts) => {
  measure.font = `${SIZE}px ${font.fontFamily}`;
  return Math.max(0, ...texts.map((text) => measure.measureText(text).width));
};

function sums(drawn) {
  const bars = [...drawn.bars].reverse();
  const names = bars.map((bar) => shorten(bar.name, 12));
  const words = bars.map((bar) => `${bar.words}  ${bar.share}`);
  return {
    grid: { left: Math.ceil(widest(names)) + 14, right: Math.ceil(widest(words)) + 16, top: 2, bottom: 2 },
    tooltip: { ...tooltip, trigger: 'item', formatter: ({ dataIndex }) => `${bars[dataIndex].name}\n${yuan(bars[dataIndex].fen)} ${bars[dataIndex].share}` },
    xAxis: { type: 'value', min: 0, show: false },
    yAxis: {
      type: 'category', data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } },
      axisLabel: { ...font, color: INK, interval: 0 },
    },
    series: [{
      type: 'bar', barMaxWidth: 16, itemStyle: { color: COLOURS[drawn.colour] }, data: bars.map((bar) => Math.max(0, bar.fen)),
      label: { show: true, position: 'right', ...font, color: INK, formatter: ({ dataIndex }) => words[dataIndex] },
    }],
  };
}

function columns(drawn) {
  const single = drawn.series.length === 1;
  return {
    legend: single ? undefined : { data: drawn.series.map((each) => each.name), top: 0, right: 0, itemWidth: 14, textStyle: font },
    grid: { left: 8, right: 8, top: single ? 12 : 30, bottom: 4, containLabel: true },
    tooltip: {
      ...tooltip, trigger: 'axis', axisPointer: { type: 'shadow' },
      formatter: (found) => [drawn.names[found[0].dataIndex], ...found.map((each) => `${each.seriesName} ${yuan(each.value)}`)].join('\n'),
    },
    xAxis: { type: 'category', data: drawn.names, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, axisLabel: font },
    yAxis: { type: 'value', splitNumber: 4, splitLine: { lineStyle: { color: '#eceef1' } }, axisLabel: { ...font, formatter: round }, name: '元', nameTextStyle: font, nameGap: 6 },
    series: drawn.series.map((each, place) => ({
      type: 'bar', name: each.name, barMaxWidth: 26, itemStyle: { color: single ? '#4a6b94' : SERIES[place] }, data: each.fen,
    })),
  };
}

const KINDS = { sums, columns };
const drawings = new Map();

function drawAll() {
  for (const place of document.querySelectorAll('.chart')) {
    const drawn = JSON.parse(place.dataset.chart);
    const drawing = window.echarts.init(place, null, { renderer: 'canvas' });
    drawing.setOption({ animation: false, textStyle: { fontFamily: font.fontFamily }, ...KINDS[drawn.kind](drawn) });
    drawing.getZr().flush();
    drawings.set(place, drawing);
  }
  document.body.dataset.drawn = String(drawings.size);
}

let resizing;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => { for (const drawing of drawings.values()) drawing.resize(); }, 150);
});
drawAll();
