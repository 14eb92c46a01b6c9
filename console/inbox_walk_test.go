package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The inbox is decided with the keyboard, in place: the next line has the focus after each
// decision.
func TestInboxByKeyboard(t *testing.T) {
	s := setup(t)
	ctx := tab(t)
	s.open()
	enter(t, ctx, s.operator)
	must(t, ctx, chromedp.Navigate(s.server.URL+"/console/inbox"), says("5 of 5 left"), shortcut("1"),
		says("2 rows decided: 2 created."), says("3 of 5 left"))
	focused := `document.activeElement.closest("[data-line]") !== null &&
		!document.activeElement.closest(".done")`
	if there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](focused)); err != nil || !there {
		t.Errorf("no line has the focus after a decision: %v", err)
	}
	must(t, ctx, shortcut("x"), press("a test row\r"), says("1 row dismissed."), says("2 of 5 left"))
	must(t, ctx, press("\x1b"), shortcut("z"), says("3 of 5 left"))
	// A row that a colleague dismissed meanwhile is said in place, and the page stays.
	colleague := s.colleague("Bo", "activities:read", "activities:write").signIn()
	p := colleague.get("/console/inbox?reason=orphan")
	colleague.send(p, "/console/inbox", append(p.line("", ""), "do", "dismiss")...).has(http.StatusOK)
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`void document.querySelector(
		'[name=fault][value=orphan]').form.querySelector('[data-dismiss-button]').click()`), says("a colleague has decided"))
	must(t, ctx, chromedp.Click(chromedp.CSS("a[data-rows]")), chromedp.WaitVisible(chromedp.CSS(".part-rows")))
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`localStorage.setItem("keys", "off")`), shortcut("?"),
		chromedp.WaitNotPresent(chromedp.CSS("#keys[open]")))
}

// TestSureBehindManyDoubtful has one sure name, of the fewest rows, among 520 doubtful ones.
func TestSureBehindManyDoubtful(t *testing.T) {
	s := setup(t)
	s.signIn()
	var rows strings.Builder
	rows.WriteString("title,contact_name\n")
	for n := range 520 {
		letters := strings.NewReplacer("0", "a", "1", "e", "2", "i", "3", "o", "4", "u", "5", "al", "6", "er", "7", "in",
			"8", "ok", "9", "um")
		name := letters.Replace(fmt.Sprintf("Z%03d Q%03d", n, n))
		fmt.Fprintf(&rows, "A,%s\nB,%s\n", name, name)
	}
	rows.WriteString("C,Hans Müller\n")
	s.imported("tasks", "many.csv", rows.String())
	s.load("contacts", people)
	p := s.get("/console/inbox/sure").has(http.StatusOK, "Accept: 1 row of 1 name", "Hans Müller")
	_, pick, _ := strings.Cut(p.body, `name="pick" value="`)
	pick, _, _ = strings.Cut(pick, `"`)
	s.send(p, "/console/inbox/sure", "back", "", "pick", html(pick)).has(http.StatusOK, "1 row decided: 1 created")
}

// Names with one candidate that leaves no doubt are accepted together, after a preview; the others
// stay open.
func TestAcceptWhatLeavesNoDoubt(t *testing.T) {
	s := setup(t)
	s.signIn()
	path := s.imported("tasks", "names.csv", "title,contact_name\nA,Maria Rossi\nB,Maria Rossi\n"+
		"C,Hans Müller\nD,Peter Fischer\nE,Zebulon Quark\n")
	s.load("contacts", people)
	p := s.get("/console/inbox/sure").has(http.StatusOK, "Accept: 3 rows of 2 names", "Maria Rossi", "Hans Müller",
		"same name")
	if strings.Contains(p.body, "Fischer") || strings.Contains(p.body, "Quark") {
		t.Errorf("a doubtful name is offered: %s", p.body)
	}
	picks := strings.Split(p.body, `name="pick" value="`)
	pick, _, _ := strings.Cut(picks[1], `"`)
	s.send(p, "/console/inbox/sure", "back", "", "pick", html(pick)).has(http.StatusOK, "2 rows decided: 2 created")
	s.send(p, "/console/inbox/sure", "back", "", "pick", html(pick)).has(http.StatusOK, "1 name has changed since")
	if i := s.ended(path); i.Created != 2 || i.Rejected != 3 {
		t.Errorf("got %d created, %d rejected", i.Created, i.Rejected)
	}
}
