// The review page. It keeps what the server said last, draws from that, and sends decisions; text only ever enters the
// page as text (textContent), never as markup.
"use strict";

const KINDS = { PERSON: "人物", ORG: "机构", LOC: "地点", PRODUCT: "产品", TITLE: "职务", MONEY: "金额", PERCENT: "比例", DATE: "日期", COUNT: "数量" };
const SORTS = { added: "added", lost: "lost", value: "value", span: "span", kind: "kind", text: "text", new: "new document", gone: "gone", form: "form" };
const CARDS = 60; // changes shown on each side of the current one
const ROW = 64; // the height of a row of the list, as in page.css
const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";

const state = {
  documents: [], // {name, title, version, problem, changes: [{id, group}]}
  groups: new Map(), // id → {id, sort, kind, label}
  counts: { accepted: 0, rejected: 0 },
  sorts: new Set(), kinds: new Set(), words: "", inText: null, // names of documents whose article holds the words
  by: "documents", rows: [], shown: [], // rows of the list; documents that pass the filter
  document: null, change: null, group: null, sides: false,
};

const $ = (id) => document.getElementById(id);

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

async function ask(path, body) {
  const options = { headers: { "X-Tiqu-Token": token } };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The review has ended: start it again with tiqu review --web");
  }
  const value = await answer.json();
  if (!answer.ok && answer.status !== 409) throw Object.assign(new Error(value.problem || answer.statusText), { status: answer.status });
  return value;
}

let toastTimer = 0;
function say(text, bad) {
  const toast = $("toast");
  toast.textContent = text;
  toast.className = bad ? "toast on bad" : "toast on";
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.className = "toast"; }, bad ? 8000 : 3500);
}

// ---- what waits

function takeDocument(raw, groups) {
  for (const group of groups) if (!state.groups.has(group.id)) state.groups.set(group.id, group);
  return { ...raw, changes: raw.changes.map(([id, index]) => ({ id, group: state.groups.get(groups[index].id) })) };
}

async function load() {
  const list = await ask("/api/list");
  $("dir").textContent = `\u200e${list.dir}`; // cut at its beginning, but written from left to right
  $("dir").title = list.dir;
  state.groups.clear();
  state.documents = list.documents.map((raw) => takeDocument(raw, list.groups));
  state.counts = list.counts;
}

const passes = (change) =>
  (!state.sorts.size || state.sorts.has(change.group.sort)) && (!state.kinds.size || state.kinds.has(change.group.kind));

function passing(doc) {
  const changes = doc.changes.filter(passes);
  if (!state.words) return changes;
  if (doc.name.includes(state.words) || doc.title.includes(state.words)) return changes;
  const said = changes.filter((change) => change.group.label.includes(state.words));
  return said.length || !state.inText || !state.inText.has(doc.name) ? said : changes;
}

function filter() {
  state.shown = [];
  const groups = new Map();
  for (const doc of state.documents) {
    const changes = passing(doc);
    if (!changes.length && !(doc.problem && !state.words && !state.sorts.size && !state.kinds.size)) continue;
    state.shown.push({ doc, changes });
    for (const change of changes) {
      let row = groups.get(change.group.id);
      if (!row) groups.set(change.group.id, (row = { group: change.group, count: 0, documents: [] }));
      row.count += 1;
      if (row.documents[row.documents.length - 1] !== doc) row.documents.push(doc);
    }
  }
  if (state.by === "documents") state.rows = state.shown;
  else state.rows = [...groups.values()].sort((a, b) => b.count - a.count || (a.group.label < b.group.label ? -1 : 1));
  const total = state.shown.reduce((sum, row) => sum + row.changes.length, 0);
  $("found").textContent = `${total.toLocaleString()} changes in ${state.shown.length.toLocaleString()} documents` +
    (state.by === "groups" ? `, ${groups.size.toLocaleString()} groups` : "");
}

function drawCounts() {
  const open = state.documents.reduce((sum, doc) => sum + doc.changes.length, 0);
  const { accepted, rejected } = state.counts;
  const done = accepted + rejected;
  const percent = done + open ? Math.round((100 * done) / (done + open)) : 100;
  $("progress").firstElementChild.style.width = `${percent}%`;
  $("progress").setAttribute("aria-valuenow", percent);
  $("counts").dataset.short = `${open.toLocaleString()} open`;
  $("counts").textContent = `${open.toLocaleString()} open · ${accepted.toLocaleString()} accepted · ${rejected.toLocaleString()} rejected`;
  $("undo").disabled = !done;
}

function drawChips() {
  const sorts = new Map(), kinds = new Map();
  for (const doc of state.documents) {
    for (const change of doc.changes) {
      if (!state.kinds.size || state.kinds.has(change.group.kind)) sorts.set(change.group.sort, (sorts.get(change.group.sort) || 0) + 1);
      if (!state.sorts.size || state.sorts.has(change.group.sort)) kinds.set(change.group.kind, (kinds.get(change.group.kind) || 0) + 1);
    }
  }
  const chips = (box, names, counts, chosen, mark) => {
    const focused = document.activeElement && document.activeElement.dataset.chip;
    $(box).replaceChildren(...names.filter((name) => counts.has(name) || chosen.has(name)).map((name) =>
      el("button", {
        "aria-pressed": chosen.has(name), "data-chip": `${box} ${name}`,
        onclick: () => { if (!chosen.delete(name)) chosen.add(name); refilter(); },
      }, mark && KINDS[name] ? el("i", { class: `k-${name}` }) : null, SORTS[name] && !mark ? SORTS[name] : name, el("span", {}, (counts.get(name) || 0).toLocaleString()))));
    if (focused) { const again = document.querySelector(`[data-chip="${CSS.escape(focused)}"]`); if (again) again.focus(); }
  };
  const order = [...Object.keys(KINDS), ...[...kinds.keys()].filter((kind) => !KINDS[kind]).sort()];
  chips("sorts", Object.keys(SORTS), sorts, state.sorts, false);
  chips("kinds", order, kinds, state.kinds, true);
}

// ---- the list: only the rows in sight are there

const list = $("list");
const filler = el("div", { "aria-hidden": "true" });
let drawn = "";

function drawList(force) {
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
  const last = Math.min(state.rows.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
  const key = `${first} ${last}`;
  if (!force && key === drawn) return;
  drawn = key;
  filler.style.height = `${state.rows.length * ROW}px`;
  const focused = list.contains(document.activeElement) ? Number(document.activeElement.dataset.index) : -1;
  const rows = [];
  for (let index = first; index < last; index += 1) rows.push(state.by === "documents" ? documentRow(index) : groupRow(index));
  list.replaceChildren(filler, ...rows);
  if (!state.rows.length) list.append(el("p", { class: "nothing" }, state.documents.length ? "No change passes the filter" : "Nothing waits"));
  if (focused >= first && focused < last) rows[focused - first].focus({ preventScroll: true });
}

function place(index) {
  return { class: "row", "data-index": index };
}

function documentRow(index) {
  const { doc, changes } = state.rows[index];
  const counts = new Map();
  for (const change of changes) counts.set(change.group.sort, (counts.get(change.group.sort) || 0) + 1);
  const current = state.document && state.document.name === doc.name;
  const row = el("button", { ...place(index), "aria-current": current ? "true" : undefined, onclick: () => open(doc.name, null, true) },
    el("b", { lang: "zh" }, doc.title || doc.name),
    el("small", {}, el("em", {}, doc.problem ? "cannot be read" : doc.name),
      ...Object.keys(SORTS).filter((sort) => counts.has(sort)).map((sort) => el("span", { class: `pill s-${sort}` }, `${counts.get(sort)} ${SORTS[sort]}`))));
  row.style.top = `${index * ROW}px`;
  return row;
}

function groupRow(index) {
  const { group, count, documents } = state.rows[index];
  const row = el("button", { ...place(index), "aria-current": state.group === group.id ? "true" : undefined, onclick: () => openGroup(index, true) },
    el("b", { lang: "zh" }, group.label),
    el("small", {}, el("em", {}, `${group.kind} · ${documents.length.toLocaleString()} documents`),
      el("span", { class: `pill s-${group.sort}` }, `${count.toLocaleString()} ${SORTS[group.sort]}`)));
  row.style.top = `${index * ROW}px`;
  return row;
}

function showRow(index) {
  if (index < 0) return;
  if (index * ROW < list.scrollTop || (index + 1) * ROW > list.scrollTop + list.clientHeight) {
    list.scrollTop = Math.max(0, index * ROW - list.clientHeight / 3);
  }
}

function currentRow() {
  if (state.by === "groups") return state.rows.findIndex((row) => row.group.id === state.group);
  return state.rows.findIndex((row) => state.document && row.doc.name === state.document.name);
}

function refilter(keep) {
  filter();
  drawChips();
  if (!keep) list.scrollTop = 0;
  drawList(true);
  drawCards();
}

// ---- the article

let wanted = 0;
async function open(name, change, reading) {
  const ticket = (wanted += 1);
  let doc;
  try {
    doc = await ask(`/api/document?name=${encodeURIComponent(name)}`);
  } catch (why) {
    if (ticket !== wanted) return;
    if (why.status === 404) { await reload(); return; }
    const row = state.documents.find((other) => other.name === name);
    state.document = null;
    drawNothing((row && row.problem) || why.message);
    say(why.message, true);
    return;
  }
  if (ticket !== wanted) return;
  state.document = doc;
  const own = new Map();
  for (const one of doc.changes) own.set(one.id, one);
  doc.byId = own;
  const visible = visibleChanges();
  state.change = (change && own.has(change) ? change : null) || (visible[0] && visible[0].id) || null;
  if (reading) $("frame").classList.add("reading");
  drawDocument();
}

function openGroup(index, reading) {
  const row = state.rows[index];
  if (!row) return;
  state.group = row.group.id;
  const doc = row.documents[0];
  const change = doc.changes.find((one) => one.group.id === row.group.id);
  open(doc.name, change.id, reading);
}

// The changes of the open document that pass the filter.
function visibleChanges() {
  if (!state.document) return [];
  const row = state.documents.find((doc) => doc.name === state.document.name);
  if (!row) return state.document.changes;
  const ids = new Set(passing(row).map((change) => change.id));
  const changes = state.document.changes.filter((change) => ids.has(change.id));
  return changes.length ? changes : state.document.changes;
}

function drawNothing(text) {
  $("title").textContent = "";
  $("name").textContent = "";
  $("text").className = "prose";
  const all = !state.documents.length;
  $("text").replaceChildren(el("div", { class: "nothing", lang: "en" },
    el("b", {}, text || (all ? "Nothing waits for review" : "No document is open")),
    text ? "" : all ? "What a change does to a corpus is found by: tiqu snapshot CORPUS --check DIR" : "Choose one from the list, or press j"));
  $("cards").replaceChildren();
  $("place").textContent = "";
  $("accept-all").disabled = $("reject-all").disabled = true;
  drawList(true);
}

const NOTES = {
  new: "This document has no snapshot yet. Accepting keeps what is marked here.",
  gone: "The corpus no longer holds this document. Accepting removes its snapshot.",
  text: "The article itself has changed. Accepting takes the new text and all that was read from it.",
  form: "The same facts, written down in another order or form. Accepting brings the snapshot up to date.",
};

function drawDocument() {
  const doc = state.document;
  $("title").textContent = doc.title || (doc.text.split("\n").find((line) => line.trim()) || doc.name).trim().slice(0, 80);
  $("name").textContent = doc.name;
  const whole = doc.changes.find((change) => NOTES[change.sort]);
  const two = state.sides && !(whole && whole.sort !== "text");
  const article = $("text");
  article.className = two ? "prose two" : "prose";
  const pieces = two ? sideBySide(doc) : paragraphs(doc.text, overlaid(doc));
  article.replaceChildren(...(whole ? [el("p", { class: "note", lang: "en" }, NOTES[whole.sort])] : []), ...pieces);
  if (two && whole) article.firstElementChild.style.gridColumn = "1 / 3";
  const first = article.querySelector(".m, .c");
  if (first) first.tabIndex = 0;
  drawCards();
  drawList(true);
  showRow(currentRow());
  showChange(false);
}

const sameMark = (a, b) => a.s === b.s && a.e === b.e && a.k === b.k && (a.v ?? null) === (b.v ?? null);

// Pieces of the article that are drawn as one: an unchanged mark, or marks that overlap and their change.
function overlaid(doc) {
  if (doc.gone) return doc.old.map((mark) => ({ s: mark.s, e: mark.e, mark }));
  if (doc.old_text || !doc.old.length) return doc.new.map((mark) => ({ s: mark.s, e: mark.e, mark }));
  const items = [];
  const placed = doc.changes.filter((change) => change.marked).sort((a, b) => a.place[0] - b.place[0]);
  let i = 0, j = 0, c = 0;
  const { old, new: now } = doc;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && sameMark(old[i], now[j])) {
      items.push({ s: now[j].s, e: now[j].e, mark: now[j] });
      i += 1; j += 1;
      continue;
    }
    const olds = [], news = [];
    let end = -1, start = Infinity;
    for (;;) {
      const nextOld = i < old.length ? old[i].s : Infinity, nextNew = j < now.length ? now[j].s : Infinity;
      if (end >= 0 && Math.min(nextOld, nextNew) >= end) break;
      const mark = nextOld <= nextNew ? old[i++] : now[j++];
      if (!mark) break;
      (nextOld <= nextNew ? olds : news).push(mark);
      start = Math.min(start, mark.s);
      end = Math.max(end, mark.e);
    }
    while (c < placed.length && placed[c].place[1] <= start) c += 1;
    const change = c < placed.length && placed[c].place[0] === start ? placed[c] : null;
    items.push({ s: start, e: end, olds, news, change });
  }
  return items;
}

function paragraphs(text, items, draw = drawItem) {
  const out = [];
  let at = 0, next = 0;
  while (at < text.length) {
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    // A mark that crosses the end of a line keeps the line together with the next.
    for (let look = next; look < items.length && items[look].s < end; look += 1) {
      if (items[look].e > end) { end = text.indexOf("\n", items[look].e); if (end < 0) end = text.length; }
    }
    const paragraph = el("p", { "data-s": at });
    while (next < items.length && items[next].s < end) {
      const item = items[next];
      if (item.s > at) paragraph.append(text.slice(at, item.s));
      paragraph.append(draw(item, text));
      at = item.e;
      next += 1;
    }
    if (at < end) paragraph.append(text.slice(at, end));
    if (paragraph.childNodes.length) out.push(paragraph);
    at = end + 1;
  }
  return out;
}

function drawMark(mark, text) {
  const node = el("span", { class: `m k-${mark.k}`, tabindex: "-1" }, text.slice(mark.s, mark.e));
  node.mark = mark;
  return node;
}

function drawItem(item, text) {
  if (item.mark) return drawMark(item.mark, text);
  const { olds, news, change } = item;
  const label = change ? `${SORTS[change.sort]}: ${change.label}` : text.slice(item.s, item.e);
  const node = el("span", {
    class: change ? `c s-${change.sort}` : "c", role: "button", tabindex: "-1", "aria-label": label,
    "data-change": change && change.id, onclick: change && (() => choose(change.id)),
  });
  node.item = item;
  const borders = [...new Set([item.s, item.e, ...[...olds, ...news].flatMap((mark) => [mark.s, mark.e])])].sort((a, b) => a - b);
  for (let index = 0; index + 1 < borders.length; index += 1) {
    const [s, e] = [borders[index], borders[index + 1]];
    const inside = (marks) => marks.find((mark) => mark.s <= s && e <= mark.e);
    const was = inside(olds), is = inside(news);
    const kind = is || was;
    node.append(el("span", { class: `${kind ? `m k-${kind.k}` : ""}${was ? " old" : ""}${is ? " new" : ""}` }, text.slice(s, e)));
  }
  return node;
}

function sideBySide(doc) {
  const heads = [el("h3", { lang: "en" }, "before"), el("h3", { lang: "en" }, "now")];
  const plain = (marks) => marks.map((mark) => ({ s: mark.s, e: mark.e, mark }));
  if (doc.old_text) {
    return [...heads, el("div", {}, ...paragraphs(doc.old_text, plain(doc.old))), el("div", {}, ...paragraphs(doc.text, plain(doc.new)))];
  }
  const items = overlaid(doc);
  const only = (side) => (item, text) => {
    if (item.mark) return drawMark(item.mark, text);
    return drawItem({ ...item, olds: side === "old" ? item.olds : [], news: side === "new" ? item.news : [] }, text);
  };
  const left = paragraphs(doc.text, items, only("old")), right = paragraphs(doc.text, items, only("new"));
  return [...heads, ...left.flatMap((paragraph, index) => [paragraph, right[index]])];
}

// ---- the changes of the document

function drawCards() {
  const doc = state.document;
  if (!doc) return;
  const changes = visibleChanges();
  $("accept-all").disabled = $("reject-all").disabled = !changes.length;
  // A long article may have thousands: those around the current one are enough.
  const index = Math.max(0, changes.findIndex((change) => change.id === state.change));
  const first = Math.max(0, index - CARDS), last = Math.min(changes.length, index + CARDS);
  const more = (count, where) => (count > 0 ? [el("li", { class: "more soft" }, `${count.toLocaleString()} more ${where}`)] : []);
  $("cards").replaceChildren(...more(first, "before"), ...changes.slice(first, last).map((change) => card(change)), ...more(changes.length - last, "behind"));
  markCurrent();
}

function countOf(group) {
  let count = 0;
  for (const doc of state.documents) for (const change of doc.changes) if (change.group.id === group) count += 1;
  return count;
}

function card(change) {
  const facts = (lines, name) => lines.map((line) => el("p", { class: `fact ${name}`, lang: "zh" }, line));
  const whole = NOTES[change.sort];
  const title = KINDS[change.kind] ? `${KINDS[change.kind]} ${change.kind}` : change.kind;
  const node = el("li", { class: "card", "data-card": change.id, onclick: (event) => { if (!event.target.closest("footer")) choose(change.id); } },
    el("header", {},
      el("button", { class: "open", "aria-label": `${title}: ${SORTS[change.sort]} ${change.label}` }, title),
      el("span", { class: `pill s-${change.sort}` }, SORTS[change.sort])),
    ...(whole ? [el("p", { class: "why" }, whole)] : [...facts(change.old, "was"), ...facts(change.new, "is")]),
    ...(change.why.length ? [el("p", { class: "why" }, `because: ${change.why.join("; ")}`)] : []));
  const footer = el("footer");
  node.append(footer);
  return node;
}

function fillFooter(node, change) {
  const count = countOf(change.group);
  const footer = node.querySelector("footer");
  if (footer.childNodes.length) return;
  footer.append(
    el("button", { class: "primary", onclick: () => later(() => decideOne("accept")) }, "Accept ", el("kbd", {}, "a")),
    el("button", { onclick: () => later(() => decideOne("reject")) }, "Reject ", el("kbd", {}, "r")));
  if (count > 1) {
    footer.append(
      el("button", { class: "quiet", onclick: () => later(() => decideGroup("accept")), "data-group": "accept" }, `Accept all ${count.toLocaleString()} alike `, el("kbd", {}, "A")),
      el("button", { class: "quiet", onclick: () => later(() => decideGroup("reject")), "data-group": "reject" }, `Reject all ${count.toLocaleString()} alike `, el("kbd", {}, "R")));
  }
}

function markCurrent() {
  for (const node of document.querySelectorAll('.card[aria-current], .c[aria-current]')) node.removeAttribute("aria-current");
  const changes = visibleChanges();
  const index = changes.findIndex((change) => change.id === state.change);
  $("place").textContent = changes.length ? `${index + 1} of ${changes.length}` : "";
  if (index < 0) return;
  const node = document.querySelector(`[data-card="${state.change}"]`);
  if (node) { node.setAttribute("aria-current", "true"); fillFooter(node, changes[index]); node.scrollIntoView({ block: "nearest" }); }
  for (const mark of document.querySelectorAll(`[data-change="${state.change}"]`)) mark.setAttribute("aria-current", "true");
}

function choose(id) {
  state.change = id;
  const group = state.document.byId.get(id);
  if (!document.querySelector(`[data-card="${id}"]`)) drawCards();
  if (group && state.by === "groups" && state.group !== group.group) { state.group = group.group; drawList(true); }
  markCurrent();
  showChange(true);
}

// Brings the place of the current change into sight. Names and relations have no mark of their own: their words are
// underlined while they are looked at.
function showChange(smooth) {
  for (const node of document.querySelectorAll(".said")) node.classList.remove("said");
  const change = state.document && state.document.byId.get(state.change);
  const box = $("scroll");
  if (!change || !change.place) { if (!smooth) box.scrollTop = 0; return; }
  let node = document.querySelector(`[data-change="${state.change}"]`);
  if (!node && !change.marked) {
    let paragraph = null;
    for (const other of document.querySelectorAll("#text p[data-s]")) {
      if (Number(other.dataset.s) > change.place[0]) break;
      paragraph = other;
    }
    if (paragraph) {
      for (const mark of paragraph.querySelectorAll(".m, .c")) {
        const range = mark.mark || mark.item;
        if (range && range.s < change.place[1] && range.e > change.place[0]) { mark.classList.add("said"); node = node || mark; }
      }
      node = node || paragraph;
    }
  }
  if (!node) return;
  node.scrollIntoView({ block: "center" });
}

// ---- decisions

// What the server answers about documents replaces what the page knew of them.
function take(answer) {
  const changed = new Map(answer.documents.map((raw) => [raw.name, takeDocument(raw, answer.groups)]));
  const gone = new Set(answer.gone);
  const known = new Set();
  state.documents = state.documents.filter((doc) => !gone.has(doc.name)).map((doc) => { known.add(doc.name); return changed.get(doc.name) || doc; });
  const back = [...changed.values()].filter((doc) => !known.has(doc.name));
  if (back.length) {
    state.documents.push(...back);
    state.documents.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  state.counts = answer.counts;
}

// Where to go after a decision: the next change that was not decided, here or in the next document.
function following(decided) {
  const changes = visibleChanges();
  const index = changes.findIndex((change) => change.id === state.change);
  const later = changes.slice(index + 1).find((change) => !decided.has(change.id));
  const earlier = changes.slice(0, Math.max(index, 0)).reverse().find((change) => !decided.has(change.id));
  return (later || earlier || {}).id || null;
}

// One after the other: a key that is pressed while a decision is on its way waits, and means what is open then.
let queue = Promise.resolve();
function later(action) {
  queue = queue.then(action).catch((why) => say(why.message, true));
  return queue;
}

async function decide(decision, choices, what) {
  if (!choices.length) return;
  const name = state.document && state.document.name;
  const own = choices.find((choice) => choice.name === name);
  const stay = following(new Set(own ? own.changes : []));
  const at = currentRow();
  try {
    const answer = await ask("/api/decide", { decision, choices });
    take(answer);
    if (answer.conflicts.length) {
      say(`Not decided, someone else has changed it meanwhile: ${answer.conflicts.slice(0, 3).join(", ")}${answer.conflicts.length > 3 ? " …" : ""}. You see it as it is now.`, true);
    } else say(`${decision === "accept" ? "Accepted" : "Rejected"}: ${answer.done > 1 ? `${answer.done.toLocaleString()} changes` : what}`);
    await after(name, stay, at);
  } catch (why) {
    say(why.message, true);
  }
}

async function after(name, change, at) {
  drawCounts();
  filter();
  drawChips();
  if (state.shown.some((row) => row.doc.name === name)) {
    await open(name, change);
    if (state.by === "groups" && !state.rows.some((row) => row.group.id === state.group)) {
      const current = state.document && state.document.byId.get(state.change);
      state.group = current ? current.group : null;
      drawList(true);
    }
    return;
  }
  if (state.by === "groups" && state.rows.length) { openGroup(Math.min(Math.max(at, 0), state.rows.length - 1)); return; }
  const next = state.shown[Math.min(Math.max(at, 0), state.shown.length - 1)];
  if (next) await open(next.doc.name, null);
  else { state.document = null; state.change = null; drawNothing(); $("frame").classList.remove("reading"); }
}

function decideOne(decision) {
  const doc = state.document;
  const change = doc && doc.byId.get(state.change);
  if (change) return decide(decision, [{ name: doc.name, version: doc.version, changes: [change.id] }], change.label);
}

function decideDocument(decision) {
  const doc = state.document;
  if (doc) return decide(decision, [{ name: doc.name, version: doc.version, changes: visibleChanges().map((change) => change.id) }], doc.name);
}

function decideGroup(decision) {
  const change = state.document && state.document.byId.get(state.change);
  if (!change) return;
  const choices = [];
  for (const doc of state.documents) {
    const changes = doc.changes.filter((one) => one.group.id === change.group).map((one) => one.id);
    if (changes.length) choices.push({ name: doc.name, version: doc.version, changes });
  }
  return decide(decision, choices, change.label);
}

async function undo() {
  try {
    const answer = await ask("/api/undo", {});
    take(answer);
    if (answer.conflicts.length) say(`Cannot be taken back, changed since: ${answer.conflicts.slice(0, 3).join(", ")}`, true);
    else say(answer.done ? `Taken back: ${answer.done.toLocaleString()} ${answer.done > 1 ? "changes" : "change"}` : "Nothing to undo");
    const back = answer.documents[0];
    const name = back ? back.name : state.document && state.document.name;
    await after(name, null, 0);
  } catch (why) {
    say(why.message, true);
  }
}

async function reload() {
  const name = state.document && state.document.name, change = state.change, at = currentRow();
  await load();
  await after(name, change, at);
}

// ---- moving about

async function step(by) {
  const changes = visibleChanges();
  const index = changes.findIndex((change) => change.id === state.change);
  const next = state.document && changes[index + by];
  if (next) { choose(next.id); return; }
  await stepDocument(by, by < 0);
}

async function stepDocument(by, last) {
  const index = state.shown.findIndex((row) => state.document && row.doc.name === state.document.name);
  const row = state.shown[index < 0 ? 0 : index + by];
  if (!row) { say(by > 0 ? "This is the last one" : "This is the first one"); return; }
  await open(row.doc.name, last && row.changes.length ? row.changes[row.changes.length - 1].id : null, true);
}

function stepMark(by) {
  const marks = [...document.querySelectorAll("#text .c, #text .m")].filter((node) => node.mark || node.item);
  const index = marks.indexOf(document.activeElement);
  let next = marks[index + by];
  if (index < 0) {
    const current = document.querySelector(`[data-change="${state.change}"]`);
    next = current || marks[0];
  }
  if (!next) return;
  for (const node of document.querySelectorAll('#text [tabindex="0"]')) node.tabIndex = -1;
  next.tabIndex = 0;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function setBy(by) {
  state.by = by;
  for (const name of ["documents", "groups"]) {
    const tab = $(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === by));
    tab.tabIndex = name === by ? 0 : -1;
  }
  list.setAttribute("aria-labelledby", `tab-${by}`);
  const change = state.document && state.document.byId.get(state.change);
  if (by === "groups") state.group = change ? change.group : null;
  refilter();
  showRow(currentRow());
  drawList(true);
}

function setSides(sides) {
  state.sides = sides;
  $("overlay").setAttribute("aria-pressed", String(!sides));
  $("sides").setAttribute("aria-pressed", String(sides));
  if (state.document) drawDocument();
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

// ---- what a mark is: value, entity, reason

function tipText(node) {
  const line = (mark) => [`${KINDS[mark.k] || ""} ${mark.k}`, mark.v && `= ${mark.v}`, mark.n && `names: ${mark.n}`, mark.y && `because: ${mark.y}`].filter(Boolean).join("\n");
  if (node.mark) return line(node.mark);
  const { olds, news, change } = node.item;
  return [change ? SORTS[change.sort] : "", ...olds.map((mark) => `before: ${line(mark)}`), ...news.map((mark) => `now: ${line(mark)}`)].filter(Boolean).join("\n");
}

function showTip(node) {
  const tip = $("tip");
  tip.textContent = tipText(node);
  tip.hidden = false;
  const box = node.getClientRects()[0] || node.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = tip;
  tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  tip.style.top = `${box.top > height + 14 ? box.top - height - 8 : box.bottom + 8}px`;
  node.setAttribute("aria-describedby", "tip");
}

function hideTip() {
  $("tip").hidden = true;
  for (const node of document.querySelectorAll('[aria-describedby="tip"]')) node.removeAttribute("aria-describedby");
}

const marked = (target) => {
  const node = target instanceof Element ? target.closest(".c, .m") : null;
  const whole = node && !node.mark && !node.item ? node.parentElement.closest(".c") : node;
  return whole && (whole.mark || whole.item) ? whole : null;
};

// ---- wiring

const text = $("text");
text.addEventListener("mouseover", (event) => { const node = marked(event.target); if (node) showTip(node); else hideTip(); });
text.addEventListener("mouseleave", hideTip);
text.addEventListener("focusin", (event) => { const node = marked(event.target); if (node) showTip(node); });
text.addEventListener("focusout", hideTip);
$("scroll").addEventListener("scroll", hideTip, { passive: true });

list.addEventListener("scroll", () => requestAnimationFrame(() => drawList(false)), { passive: true });
list.addEventListener("keydown", (event) => {
  const index = Number(document.activeElement.dataset.index);
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || Number.isNaN(index)) return;
  event.preventDefault();
  const next = Math.max(0, Math.min(state.rows.length - 1, index + by));
  showRow(next);
  drawList(true);
  const row = list.querySelector(`[data-index="${next}"]`);
  if (row) row.focus({ preventScroll: true });
});
new ResizeObserver(() => drawList(true)).observe(list);

for (const tab of ["documents", "groups"]) {
  $(`tab-${tab}`).addEventListener("click", () => setBy(tab));
  $(`tab-${tab}`).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tab === "documents" ? "groups" : "documents";
    setBy(other);
    $(`tab-${other}`).focus();
  });
}
$("undo").addEventListener("click", () => later(undo));
$("help").addEventListener("click", () => $("keys").showModal());
$("back").addEventListener("click", () => { $("frame").classList.remove("reading"); drawList(true); });
$("overlay").addEventListener("click", () => setSides(false));
$("sides").addEventListener("click", () => setSides(true));
$("accept-all").addEventListener("click", () => later(() => decideDocument("accept")));
$("reject-all").addEventListener("click", () => later(() => decideDocument("reject")));
$("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme === "dark" ||
    (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = dark ? "light" : "dark";
  setTheme(theme);
  try { localStorage.setItem("theme", theme); } catch { /* a browser that keeps nothing still shows it */ }
});

let searchTimer = 0;
$("search").addEventListener("input", () => {
  state.words = $("search").value.trim();
  state.inText = null;
  refilter();
  clearTimeout(searchTimer);
  if (!state.words) return;
  const words = state.words;
  searchTimer = setTimeout(async () => {
    try {
      const names = await ask(`/api/search?q=${encodeURIComponent(words)}`);
      if (words !== state.words) return;
      state.inText = new Set(names);
      refilter(true);
    } catch (why) {
      say(why.message, true);
    }
  }, 250);
});

const KEYS = {
  j: () => step(1), k: () => step(-1), n: () => stepDocument(1), p: () => stepDocument(-1),
  a: () => decideOne("accept"), r: () => decideOne("reject"), A: () => decideGroup("accept"), R: () => decideGroup("reject"),
  u: undo, v: () => setSides(!state.sides), g: () => setBy("groups"), d: () => setBy("documents"),
  "[": () => stepMark(-1), "]": () => stepMark(1), "?": () => $("keys").showModal(),
  "/": () => { $("frame").classList.remove("reading"); $("search").focus(); $("search").select(); },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  const typing = event.target instanceof HTMLInputElement;
  if (event.key === "Escape") { hideTip(); if (typing) { $("search").blur(); } return; }
  if (typing) return;
  if (event.key === "Enter" && event.target.dataset && event.target.dataset.change) { choose(event.target.dataset.change); return; }
  const action = KEYS[event.key];
  if (action) { event.preventDefault(); later(action); }
});

// Another reviewer, or another check, may have been at work while this page was out of sight.
document.addEventListener("visibilitychange", () => { if (!document.hidden) later(reload); });
window.addEventListener("hashchange", () => location.reload());

async function start() {
  try { setTheme(localStorage.getItem("theme")); } catch { /* as the system has it */ }
  const legend = Object.entries(KINDS).map(([kind, title]) => el("li", {}, el("span", { class: `m k-${kind}` }, title), el("span", { class: "latin" }, kind)));
  const sample = (sort, inner, title) => el("li", {}, el("span", { class: `c s-${sort}` }, el("span", { class: inner }, "例")), title);
  $("legend").replaceChildren(...legend, sample("lost", "old", "only before"), sample("added", "new", "only now"), sample("span", "old new", "other"));
  try {
    await load();
  } catch (why) {
    drawNothing(why.message);
    return;
  }
  drawCounts();
  refilter();
  performance.mark("tiqu-list");
  const first = state.shown[0];
  if (first) await open(first.doc.name, null);
  else drawNothing();
  performance.mark("tiqu-ready");
}
start();
