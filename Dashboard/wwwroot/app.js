// Asks /api/v1/overview every two seconds and shows what it says. All text goes in as text, never as markup.

const byId = id => document.getElementById(id);
const SATOSHI_PER_COIN = 1e8;

function rate(value) {
  if (!(value > 0)) return '0 H/s';
  const units = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3)));
  return `${(value / 1000 ** step).toPrecision(3)} ${units[step]}`;
}

function duration(seconds) {
  if (seconds == null || !Number.isFinite(seconds)) return '–';
  if (seconds < 0) seconds = 0;
  for (const [unit, size] of [['d', 86400], ['h', 3600], ['min', 60]])
    if (seconds >= 2 * size) return `${Math.round(seconds / size)} ${unit}`;
  return `${Math.round(seconds)} s`;
}

// A miner is an address, maybe with a worker behind a dot; the worker must stay readable.
const shortLabel = miner => short(miner.address) + miner.label.slice(miner.address.length);
const short = text => text.length > 20 ? `${text.slice(0, 10)}…${text.slice(-6)}` : text;
const shortHash = hash => hash.replace(/^0+/, '').slice(0, 12) || '0';

// Difficulty 1 stands for 2^32 hashes on average; people compare hashes with hash rates.
function hashes(difficulty) {
  if (difficulty == null) return '–';
  const count = difficulty * 2 ** 32;
  const units = ['', ' k', ' M', ' G', ' T'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(count) / 3)));
  return `${(count / 1000 ** step).toPrecision(3)}${units[step]}`;
}
const percent = value => `${(100 * value).toFixed(1)} %`;

function element(tag, text, className, title) {
  const made = document.createElement(tag);
  if (text != null) made.textContent = text;
  if (className) made.className = className;
  if (title) made.title = title;
  return made;
}

function fillTable(id, rows, emptyText) {
  const body = byId(id).tBodies[0];
  const columns = byId(id).tHead.rows[0].cells.length;
  if (rows.length === 0) {
    const cell = element('td', emptyText, 'quiet');
    cell.colSpan = columns;
    const row = element('tr');
    row.append(cell);
    body.replaceChildren(row);
    return;
  }
  body.replaceChildren(...rows.map(cells => {
    const row = element('tr');
    row.append(...cells);
    return row;
  }));
}

const fates = {
  submitting: ['being submitted', ''], accepted: ['accepted by the daemon', 'own'], rejected: ['rejected', 'bad'],
  mature: ['mature', 'own'], orphaned: ['orphaned by the network', 'bad'],
};

function showBlocks(blocks, now, symbol) {
  const open = new Set([...document.querySelectorAll('#blocks details[open]')].map(item => item.dataset.hash));
  const list = byId('blocks');
  if (blocks.length === 0) { list.replaceChildren(element('p', 'None yet.', 'quiet')); return; }
  list.replaceChildren(...blocks.slice(0, 20).map((block, index) => {
    const item = element('details');
    item.dataset.hash = block.hash;
    item.open = open.size > 0 ? open.has(block.hash) : index === 0 && list.childElementCount === 0;
    const [text, className] = fates[block.fate] ?? [block.fate, ''];
    const summary = element('summary');
    summary.append(
      element('strong', `Block ${block.height}`), ' ', element('span', text, className),
      ' ', element('span', `${duration((now - Date.parse(block.foundAt)) / 1000)} ago, found by ${short(block.finder)}`, 'quiet'));
    const table = element('table');
    for (const payout of block.payouts) {
      const row = table.insertRow();
      row.append(element('td', payout.payee, 'hash', payout.payee), element('td', `${(payout.satoshi / SATOSHI_PER_COIN).toFixed(8)} ${symbol}`, 'number'));
    }
    const detail = block.detail ? [element('p', block.detail, className)] : [];
    item.append(summary, element('p', block.hash, 'hash quiet'), ...detail, table);
    return item;
  }));
}

// Why a miner's difficulty does not follow its speed.
const bounds = {
  least: [' (least)', 'the least difficulty: this miner is too slow for more submissions'],
  share: [' (share)', 'as hard as a share: nothing harder is ever asked for'],
  miner: [' (own)', 'chosen by the miner itself'],
};

// Small and large numbers alike without an exponent.
const figure = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

// Why submissions came too late: only the causes that there were.
const lateness = [
  ['staleByShare', 'new share', 'dead on arrival: somebody found a share first'],
  ['staleByBlock', 'new block', 'somebody found a block first'],
  ['staleByJob', 'old job', 'for a job of an earlier connection, or older than five minutes'],
];

function staleCell(miner) {
  const causes = lateness.filter(([count]) => miner[count] > 0);
  const cell = element('td', miner.stale, 'number', causes.map(([count, , text]) => `${miner[count]}: ${text}`).join('\n') || undefined);
  if (causes.length > 0) cell.append(element('small', causes.map(([count, word]) => `${miner[count]} ${word}`).join(', ')));
  return cell;
}

// Who is paid for older shares only, or for none (the donation), has no rate.
const rateCells = payee => [
  element('td', payee ? rate(payee.hashRate) : '–', 'number'), element('td', payee ? percent(payee.staleProportion) : '–', 'number'),
];

const eventTexts = {
  shareAccepted: event => `Share ${shortHash(event.hash)} at height ${event.height} by ${short(event.address)}`,
  blockFound: event => `Block ${event.height} found by ${short(event.address)}`,
  blockAccepted: event => `Block ${event.height} accepted by the daemon`,
  blockRejected: event => `Block ${event.height} rejected: ${event.detail ?? 'no reason given'}`,
};

// While the chain is fetched: how much is here, how fast it comes, how long it takes.
function showSync(chain) {
  const sync = chain?.sync;
  const isFetching = sync && !sync.isComplete && sync.shares > 0 && chain.peers.incoming + chain.peers.outgoing > 0;
  byId('sync').hidden = !isFetching;
  if (!isFetching) return;
  byId('syncBar').value = sync.percent;
  byId('syncText').textContent = `Fetching the share chain: ${sync.percent.toFixed(1)} %, ${sync.shares} of ${sync.goal} shares, ` +
    `${Math.round(sync.sharesPerSecond)} a second` + (sync.secondsLeft === null ? '' : `, ${duration(sync.secondsLeft)} left`) +
    (sync.isSynced ? '; what is here is enough to mine' : '');
}

function show(view) {
  const now = Date.parse(view.now);
  const { chain, local, symbol } = view;

  byId('subtitle').textContent = `${view.network} · version ${view.version}`;
  byId('connect').hidden = false;
  byId('connect').replaceChildren('point miners to ', element('code', `stratum+tcp://${location.host}`), ', user name = your payout address');

  byId('localRate').textContent = rate(local.hashRate);
  byId('localNote').textContent = `${local.connections} connection${local.connections === 1 ? '' : 's'}, up ${duration(uptime(local.uptime))}`;

  // The chain's own word, where there is one, is newer than what the gateway has heard of it.
  const troubles = local.warnings.filter(warning => !(chain?.noWorkReason && warning.startsWith('No work is handed out')));
  if (!chain) troubles.push('No silo has answered yet.');
  else if (view.ageSeconds > 10) troubles.push(`The silos have not answered for ${duration(view.ageSeconds)}; what stands here is older.`);
  if (chain?.noWorkReason) troubles.push(`No work is handed out: ${chain.noWorkReason}`);
  troubles.push(...chain?.warnings ?? []);
  byId('trouble').hidden = troubles.length === 0;
  byId('trouble').textContent = troubles.join(' · ');
  showSync(chain);

  fillTable('miners', [...local.miners].sort((a, b) => b.hashRate - a.hashRate).map(miner => [
    element('td', shortLabel(miner), 'hash', miner.label), element('td', rate(miner.hashRate), 'number'),
    element('td', figure.format(miner.difficulty) + (bounds[miner.bound]?.[0] ?? ''), 'number', bounds[miner.bound]?.[1]),
    element('td', hashes(miner.shareDifficulty), 'number'), element('td', miner.accepted, 'number'), staleCell(miner),
    element('td', miner.rejected, 'number'), element('td', miner.shares, 'number'),
  ]), 'No miner is connected.');

  if (chain) {
    byId('poolRate').textContent = rate(chain.poolHashRate);
    byId('poolNote').textContent = `${percent(chain.staleProportion)} of it lost to stale shares`;
    byId('height').textContent = chain.height;
    byId('chainNote').textContent = `${chain.ownShares} ours (${chain.ownOrphans} orphaned, ${chain.ownDead} dead), easiest share ${hashes(chain.shareDifficulty)} hashes`;
    byId('blockTime').textContent = duration(chain.secondsPerBlock);
    byId('blockNote').textContent = `on average; height ${chain.blockHeight}, ${(chain.blockValue / SATOSHI_PER_COIN).toFixed(4)} ${symbol}`;

    byId('luck').textContent = chain.luck == null ? '–' : `${Math.round(100 * chain.luck)} %`;
    byId('luckNote').textContent = chain.luck == null ? 'no share yet'
      : `${chain.blocksSolved} block${chain.blocksSolved === 1 ? '' : 's'} of the whole pool, ${figure.format(chain.blocksExpected)} expected`;

    fillTable('shares', chain.recentShares.slice(0, 15).map(share => [
      element('td', shortHash(share.hash), share.own ? 'hash own' : 'hash', share.hash),
      element('td', short(share.address), 'hash', share.address),
      element('td', share.absoluteHeight, 'number'), element('td', hashes(share.difficulty), 'number'),
      element('td', duration(now / 1000 - share.timestamp), 'number'),
    ]), 'No share yet.');
    const rates = new Map(chain.payeeRates.map(payee => [payee.address, payee]));
    fillTable('payouts', chain.expectedPayouts.slice(0, 50).map(payout => [
      element('td', short(payout.address), 'hash', payout.address), ...rateCells(rates.get(payout.address)),
      element('td', `${(payout.satoshi / SATOSHI_PER_COIN).toFixed(8)} ${symbol}`, 'number'),
    ]), 'Nobody yet.');
    showBlocks(view.blocks, now, symbol);

    byId('events').replaceChildren(...(view.events.length ? view.events : []).map(event => {
      const item = element('li', eventTexts[event.kind]?.(event) ?? event.kind, event.kind === 'blockRejected' ? 'bad' : event.kind.startsWith('block') ? 'own' : '');
      item.append(' ', element('span', `${duration((now - Date.parse(event.at)) / 1000)} ago`, 'quiet'));
      return item;
    }));
    if (view.events.length === 0) byId('events').replaceChildren(element('li', 'Nothing yet.', 'quiet'));

    byId('daemons').replaceChildren(...view.daemons.map(daemon => {
      const item = element('li', daemon.name);
      item.append(' ', daemon.healthy ? element('span', `height ${daemon.height}`, 'own') : element('span', daemon.detail ?? 'not answering', 'bad'));
      return item;
    }));
  }
  byId('footer').textContent = `Gateway ${local.gateway} · operator's fee ${local.feePercent} %` + (local.feePercent > 0 && local.operatorAddress ? ` for ${short(local.operatorAddress)}` : '') +
    (chain ? ` · ${chain.shares} shares held, ${chain.verifiedShares} verified, ${chain.heads} head${chain.heads === 1 ? '' : 's'}` +
      ` · ${chain.peers.incoming + chain.peers.outgoing} peers` : '');
}

// "1.02:03:04.5" → seconds
function uptime(text) {
  const [, days, hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(text) ?? [];
  return (+(days ?? 0)) * 86400 + (+hours) * 3600 + (+minutes) * 60 + (+seconds);
}

async function refresh() {
  try {
    const answer = await fetch('../api/v1/overview');
    if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
    show(await answer.json());
  } catch (error) {
    byId('trouble').hidden = false;
    byId('trouble').textContent = `This page is not up to date: ${error.message}`;
  }
  setTimeout(refresh, document.hidden ? 15000 : 2000);
}

refresh();
