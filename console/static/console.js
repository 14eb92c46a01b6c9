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
    const done = fresh?.dataset.done;
    if (done) document.title = `${done} % · ${document.title.replace(/^\d+ % · /, '')}`;
    if (!fresh || old?.isEqualNode(fresh)) return;
    if (old) {
      const focused = $$('a,button', old).indexOf(document.activeElement);
      old.replaceWith(fresh);
      if (focused >= 0) $$('a,button', fresh)[focused]?.focus();
    } else if (list) {
      document.getElementById(list)?.prepend(fresh);
    }
  };
  // A notification at the end of an import, for who asks for it on its page.
  const wish = $('[data-notify]');
  let notifies = false;
  const notify = (on) => {
    notifies = on;
    wish.hidden = on;
    $('[data-notified]').hidden = !on;
  };
  if (wish && 'Notification' in window && Notification.permission !== 'denied') {
    const kept = 'notify ' + wish.dataset.notify;
    let asked = null;
    try { asked = sessionStorage.getItem(kept); } catch { /* no storage */ }
    notify(asked !== null && Notification.permission === 'granted');
    wish.addEventListener('click', async () => {
      const answer = await Notification.requestPermission();
      if (answer === 'denied') wish.hidden = true;
      if (answer !== 'granted') return;
      try { sessionStorage.setItem(kept, '1'); } catch { /* for this page alone */ }
      notify(true);
    });
  }
  const notifyOf = (part) => {
    if (!notifies) return;
    const template = document.createElement('template');
    template.innerHTML = part.html;
    const name = $('h1')?.firstChild?.textContent.trim() || 'Import';
    try {
      const body = template.content.firstElementChild?.dataset.said ?? '';
      new Notification(name, { body, tag: wish.dataset.notify });
    } catch { /* the browser lets pages of this kind send none */ }
  };
  for (const element of $$('[data-stream]')) {
    let source;
    const open = () => {
      source = new EventSource(element.dataset.stream);
      source.onerror = () => banner('The connection to the server is lost; the numbers may be old.');
      source.onopen = () => banner('');
      source.onmessage = (event) => {
        const part = JSON.parse(event.data);
        replace(part, element.dataset.new);
        if (part.last) {
          source.close();
          element.dataset.over = '1';
          notifyOf(part);
          const at = document.activeElement;
          if (!at || at === document.body || at.id === 'main') location.reload();
          else $$('[data-ended]').forEach((note) => { note.hidden = false; });
        }
      };
    };
    // A hidden page holds no connection, unless it is to notify.
    document.addEventListener('visibilitychange', () => {
      if (element.dataset.over || notifies && source?.readyState === EventSource.OPEN) return;
      source?.close();
      if (document.visibilityState === 'visible') open();
    });
    open();
  }

  // In place: a decision of the inbox replaces its line, and the next one follows.
  const partHeader = 'Taskport-Part';
  const banner = (text) => {
    let element = $('#lost');
    if (!text) { element?.remove(); return; }
    if (!element) {
      element = document.createElement('p');
      element.id = 'lost';
      element.className = 'note';
      element.setAttribute('role', 'alert');
      $('main').prepend(element);
    }
    element.textContent = text;
  };
  const lost = 'The connection to the server is lost. What you have typed is kept; try again in a moment.';
  window.addEventListener('offline', () => banner(lost));
  window.addEventListener('online', () => banner(''));
  // part requests a part of a page; null when the session has ended or the connection is lost.
  const part = async (path, init = {}) => {
    let response;
    try {
      response = await fetch(path, { ...init, headers: { [partHeader]: '1' } });
    } catch {
      banner(lost);
      return null;
    }
    banner('');
    const open = response.headers.get(partHeader);
    if (open === null) { // the page of an error, or the way to sign in
      if (response.redirected) location.assign(response.url);
      else banner(new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('main')
        ?.textContent.trim().replace(/\s+/g, ' ') ?? lost);
      return null;
    }
    const shown = (n) => n.toLocaleString('en');
    $$('[data-open]').forEach((element) => {
      element.textContent = shown(Number(open));
      element.hidden = open === '0';
    });
    const rows = Number(response.headers.get('Taskport-Rows') ?? 0);
    $$('[data-left]').forEach((element) => {
      element.textContent = shown(Math.max(Number(element.textContent.replace(/\D/g, '')) - rows, 0));
    });
    const template = document.createElement('template');
    template.innerHTML = await response.text();
    return template.content;
  };
  const open = (entry) => entry && !entry.closest('.done') && entry.offsetParent;
  const nextEntry = (line) => {
    const after = $$('[data-line]').filter((other) => !other.closest('.done') &&
      line.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
    return after.map((other) => $('[data-choose], [data-edit], [data-entry]', other)).find(Boolean);
  };
  const dropDraft = (form) => {
    try { sessionStorage.removeItem('draft ' + form.dataset.draft); } catch { /* no storage */ }
  };
  const undoes = $$('[data-undo]'); // the last decision is undone first
  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('[data-line]');
    if (!form) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = '1';
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const content = await part(form.action, { method: 'POST', body });
    delete form.dataset.sent;
    const fresh = content?.firstElementChild;
    if (!fresh) return;
    const line = form.closest('.done') ?? form;
    const next = nextEntry(line);
    line.replaceWith(fresh);
    if (fresh.dataset.draft) keepDraft(fresh);
    const undo = $('[data-undo]', fresh);
    if (undo) undoes.push(undo);
    if (fresh.matches('.done')) {
      dropDraft(form);
      (next ?? $('[data-more]') ?? $('main')).focus();
      next?.scrollIntoView({ block: 'nearest' });
    } else {
      ($('.wrong ~ * [data-choose]', fresh) ?? $('[data-edit]', fresh) ?? $('[data-entry]', fresh))?.focus();
    }
  });
  document.addEventListener('click', async (event) => {
    const rows = event.target.closest('[data-rows]');
    if (rows && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const about = rows.closest('.about'), shown = about.nextElementSibling;
      if (shown?.matches('.part-rows')) { shown.remove(); return; }
      const content = await part(rows.href);
      if (content) about.after(content);
    }
  });
  // A picked date becomes the text of its field.
  document.addEventListener('change', (event) => {
    const field = document.getElementById(event.target.dataset?.picks ?? '');
    if (!field || !event.target.value) return;
    field.value = event.target.value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  // A mapping that was changed may be complete now.
  document.addEventListener('change', (event) => {
    $$('button[disabled][aria-describedby]', event.target.form ?? document.createElement('form'))
      .forEach((button) => { button.disabled = false; });
  });
  // The list loads on when its end is near.
  const loadOn = async (link) => {
    if (link.dataset.sent) return;
    link.dataset.sent = '1';
    const response = await fetch(link.href).catch(() => null);
    if (!response) banner(lost);
    if (!response?.ok || response.redirected) { delete link.dataset.sent; return; }
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const list = document.getElementById(link.dataset.more), there = page.getElementById(link.dataset.more);
    const known = new Set($$('[data-line], .done', list).map((line) => line.id));
    $$(':scope > li', there ?? page).forEach((item) => {
      if (!$$('[data-line]', item).some((line) => known.has(line.id))) {
        list.append(document.adoptNode(item));
        $$('form[data-draft]', item).forEach(keepDraft);
      }
    });
    const more = $('[data-more]', page);
    if (more) { link.href = more.getAttribute('href'); delete link.dataset.sent; } else link.remove();
  };
  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) loadOn(entry.target);
  }), { rootMargin: '600px' });
  $$('[data-more]').forEach((link) => seen.observe(link));

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
    if (form.method !== 'post' || form.closest('[data-line]')) return;
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
  const keepDraft = (form) => {
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
  };
  $$('form[data-draft]').forEach(keepDraft);

  // The keyboard.
  const help = $('#keys');
  const helpButton = $('[data-help]');
  if (help && helpButton) {
    helpButton.hidden = false;
    helpButton.addEventListener('click', () => help.showModal());
  }
  // Single keys can be switched off, for people who speak to their computer.
  const lettersOff = () => { try { return localStorage.getItem('keys') === 'off'; } catch { return false; } };
  const keysSwitch = $('[data-keys]');
  if (keysSwitch) {
    keysSwitch.closest('label').hidden = false;
    keysSwitch.checked = !lettersOff();
    keysSwitch.addEventListener('change', () => {
      try { localStorage.setItem('keys', keysSwitch.checked ? 'on' : 'off'); } catch { /* no storage */ }
    });
  }
  // Enter in the reason of a dismissal dismisses.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || !event.target.matches('[data-line] [data-dismiss]')) return;
    event.preventDefault();
    event.target.form.requestSubmit($('[data-dismiss-button]', event.target.form));
  });
  const move = (by) => {
    const entries = $$('[data-entry], .choices button').filter(open);
    if (!entries.length) return;
    const at = entries.indexOf(document.activeElement);
    const last = entries.length - 1;
    const begin = by > 0 ? 0 : last;
    const target = entries.find((entry) => entry.closest('li:target')); // the row of the last page
    const next = at >= 0 ? entries[Math.min(Math.max(at + by, 0), last)] : target ?? entries[begin];
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  };
  // A key acts on the line that has the focus, or on the first.
  const here = (selector) => {
    const line = document.activeElement?.closest('[data-line]') ??
      $$('[data-line]').find((one) => !one.closest('.done'));
    return (line && $(selector, line)) ?? $(selector);
  };
  const press = (selector) => {
    const element = here(selector);
    element?.click();
    return Boolean(element);
  };
  const focus = (selector) => {
    const element = here(selector);
    element?.focus();
    element?.select?.();
    return Boolean(element);
  };
  const keys = {
    j: () => move(1) ?? true, k: () => move(-1) ?? true,
    a: () => press('[data-key=a]'), r: () => press('[data-key=r]'),
    s: () => press('[data-skip]'), u: () => press('[data-up]'),
    z: () => {
      let undo = undoes.pop();
      while (undo && !undo.isConnected) undo = undoes.pop();
      undo?.click();
      return true;
    },
    x: () => (focus('input[data-dismiss]') || press('button[data-dismiss]')),
    e: () => focus('[data-edit]'), '/': () => focus('[data-search]'),
    '?': () => { help?.showModal(); return true; },
  };
  document.addEventListener('keydown', (event) => {
    if (lettersOff() && event.key !== 'Escape') return;
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
