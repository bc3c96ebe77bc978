// A worker that ticks: browsers slow the timers of a page in the background down to one a minute, but not a worker's.
setInterval(() => postMessage('tick'), 2000);
