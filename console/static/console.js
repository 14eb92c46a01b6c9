// Progressive enhancement: every action works without it.
(() => {
  'use strict';
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Live parts: the server sends a part of the page, which replaces the element with the same id.
  const replace = (part, list) => {
    const template = document.createElement('template');
    template.innerHTML = part.html;
    const fresh = template.content.firstElementChild, old = document.getElementById(part.id);
    if (!fresh || old?.isEqualNode(fresh)) return;
    if (old) {
      const focused = $$('a,button', old).indexOf(document.activeElement);
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
          const at = document.activeElement;
          if (!at || at === document.body || at.id === 'main') location.reload();
          else $$('[data-ended]').forEach((note) => { note.hidden = false; });
        }
      };
    };
    // A hidden page holds no connection.
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
    document.addEventListener('dragenter', (event) => {
      if (!hasFile(event)) return;
      depth++;
      document.body.classList.add('dropping');
    });
    document.addEventListener('dragleave', () => {
      if (depth > 0 && --depth === 0) document.body.classList.remove('dropping');
    });
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

  // A form is sent once, however often its button is pressed. After a return by the browser's
  // history it can be sent again.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    try {
      if (form.dataset.draft) sessionStorage.setItem('sent', 'draft ' + form.dataset.draft);
      if (form.action.endsWith('/signout')) sessionStorage.clear(); // drafts are not for the next user
    } catch { /* no storage */ }
  });
  window.addEventListener('pageshow', () => $$('form').forEach((form) => { delete form.dataset.sent; }));

  // Drafts: typed values survive a refresh and a form that was refused. They are deleted when the
  // next page confirms the action.
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
        if (field.type === 'checkbox') field.checked = kept[field.name];
        else field.value = kept[field.name];
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
    const last = entries.length - 1;
    const begin = by > 0 ? 0 : last;
    const target = entries.find((entry) => entry.closest('li:target')); // the row of the last page
    const next = at >= 0 ? entries[Math.min(Math.max(at + by, 0), last)] : target ?? entries[begin];
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  };
  const press = (selector) => {
    const element = $(selector);
    element?.click();
    return Boolean(element);
  };
  const focus = (selector) => {
    const element = $(selector);
    element?.focus();
    element?.select?.();
    return Boolean(element);
  };
  const keys = {
    j: () => move(1) ?? true, k: () => move(-1) ?? true,
    a: () => press('[data-key=a]'), r: () => press('[data-key=r]'),
    s: () => press('[data-skip]'), u: () => press('[data-up]'),
    x: () => (focus('input[data-dismiss]') || press('button[data-dismiss]')),
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
    if (event.repeat && !'jk'.includes(event.key)) return; // a held key would act on the next page too
    const choose = () => press(`[data-choose="${event.key}"]`);
    const act = /^[1-9]$/.test(event.key) ? choose : keys[event.key];
    if (act && act()) event.preventDefault();
  });
})();
