// The page of one order: the same buttons as on the board; after a change the page is read again.
import './countdown.js';
import { OrderActions } from './order_actions.js';

new OrderActions(document.getElementById('panel'), {
  dialog: document.getElementById('ask'),
  viewer: document.getElementById('viewer'),
  changed: async (id) => { if (id) setTimeout(() => location.reload(), 900); },
});
