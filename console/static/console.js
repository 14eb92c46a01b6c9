// What makes pages nicer. Every action works without it.
(() => {
  'use strict';
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Live parts: the server sends a part of the page, which takes the place of the one with its id.
  const replace = (part, list) => {
    const template = document.createElement('template');
    template.innerHTML = part.html;
    const fresh = template.content.firstElementChild, old = document.getElementById(part.id);
    if (!fresh || old?.isEqualNode(fresh)) return;
    if (old) {
      const focused = old.contains(document.activeElement) ? $$('a,button', old).indexOf(document.activeElement) : -1;
      old.replaceWith(fresh);
      if (focused >= 0) $$('a,button', fresh)[focused]?.focus();
    } else if (list) {
      document.getElementById(list)?.prepend(fresh);
    }
  };
  for (const element of $$('[data-stream]')) {
    let source;
    const open = () => {
      source = new EventSource(element.dataset.stream);
      source.onmessage = (event) => {
        const part = JSON.parse(event.data);
        replace(part, element.dataset.new);
        if (part.last) {
          source.close();
          element.dataset.over = '1';
          if (!document.activeElement || document.activeElement === document.body || document.activeElement.id === 'main') location.reload();
          else $$('[data-ended]').forEach((note) => { note.hidden = false; });
        }
      };
    };
    // A page that nobody looks at holds no connection.
    document.addEventListener('visibilitychange', () => {
      if (element.dataset.over) return;
      source?.close();
      if (document.visibilityState === 'visible') open();
    });
    open();
  }

  // Dropping a file anywhere chooses it in the form, and sends it.
  const dropForm = $('[data-drop]');
  if (dropForm) {
    $$('.drophint').forEach((hint) => { hint.hidden = false; });
    let depth = 0;
    const hasFile = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
    document.addEventListener('dragenter', (event) => { if (hasFile(event)) { depth++; document.body.classList.add('dropping'); } });
    document.addEventListener('dragleave', () => { if (depth > 0 && --depth === 0) document.body.classList.remove('dropping'); });
    document.addEventListener('dragover', (event) => { if (hasFile(event)) event.preventDefault(); });
    document.addEventListener('drop', (event) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      depth = 0;
      document.body.classList.remove('dropping');
      $('input[type=file]', dropForm).files = event.dataTransfer.files;
      dropForm.requestSubmit();
    });
  }

  // A form is sent once, however often somebody presses; coming back by the browser's history it can be sent again.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    try {
      if (form.dataset.draft) sessionStorage.setItem('sent', 'draft ' + form.dataset.draft);
      if (form.action.endsWith('/signout')) sessionStorage.clear(); // what was typed is not for who comes next
    } catch { /* no storage */ }
  });
  window.addEventListener('pageshow', () => $$('form').forEach((form) => { delete form.dataset.sent; }));

  // What is typed outlives a refresh, and a form that was not taken: only a page that says what was done lets it be forgotten.
  try {
    const sent = sessionStorage.getItem('sent');
    sessionStorage.removeItem('sent');
    if (sent && $('.said')) sessionStorage.removeItem(sent);
  } catch { /* no storage */ }
  for (const form of $$('form[data-draft]')) {
    const key = 'draft ' + form.dataset.draft;
    const fields = $$('input:not([type=hidden]), textarea, select', form);
    const value = (field) => (field.type === 'checkbox' ? field.checked : field.value);
    try {
      const kept = JSON.parse(sessionStorage.getItem(key) ?? '{}');
      for (const field of fields) {
        if (!(field.name in kept)) continue;
        if (field.type === 'checkbox') field.checked = kept[field.name]; else field.value = kept[field.name];
        const details = field.closest('details');
        if (details) details.open = true;
      }
      form.addEventListener('input', (event) => {
        kept[event.target.name] = value(event.target);
        sessionStorage.setItem(key, JSON.stringify(kept));
      });
    } catch { /* no storage, no drafts */ }
  }

  // The keyboard.
  const help = $('#keys');
  const helpButton = $('[data-help]');
  if (help && helpButton) {
    helpButton.hidden = false;
    helpButton.addEventListener('click', () => help.showModal());
  }
  const move = (by) => {
    const entries = $$('[data-entry], .choices button').filter((entry) => entry.offsetParent);
    if (!entries.length) return;
    const at = entries.indexOf(document.activeElement);
    const target = entries.find((entry) => entry.closest('li:target')); // the row that somebody has come back from
    const next = at < 0 && target ? target : entries[at < 0 ? (by > 0 ? 0 : entries.length - 1) : Math.min(Math.max(at + by, 0), entries.length - 1)];
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  };
  const press = (selector) => { const element = $(selector); if (element) element.click(); return Boolean(element); };
  const focus = (selector) => { const element = $(selector); if (element) { element.focus(); element.select?.(); } return Boolean(element); };
  const keys = {
    j: () => move(1) ?? true, k: () => move(-1) ?? true,
    a: () => press('[data-key=a]'), r: () => press('[data-key=r]'), s: () => press('[data-skip]'), u: () => press('[data-up]'),
    e: () => focus('[data-edit]'), '/': () => focus('[data-search]'),
    '?': () => { help?.showModal(); return true; },
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
    const at = event.target;
    if (at.closest('input:not([type=checkbox]):not([type=file]), textarea, select, [contenteditable]')) {
      if (event.key === 'Escape') at.blur();
      return;
    }
    if (event.repeat && !'jk'.includes(event.key)) return; // a key that is held would decide on the next page as well
    const act = /^[1-9]$/.test(event.key) ? () => press(`[data-choose="${event.key}"]`) : keys[event.key];
    if (act && act()) event.preventDefault();
  });
})();
