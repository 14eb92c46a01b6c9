package console_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"taskport"
	"taskport/importer"
	"taskport/store"
)

// shots returns the names and paths of the pages to take pictures of.
func shots(tasks string) [][2]string {
	return [][2]string{{"imports", "/console/imports"}, {"import", tasks},
		{"inbox", "/console/inbox"}, {"decisions", tasks + "/groups"},
		{"letter", ""}, {"upload", ""}, {"values", tasks + "/values"},
		{"aliases", "/console/aliases"}, {"queues", "/console/queues"}, {"audit", "/console/audit"}}
}

// TestScreenshots writes pictures of the pages, light and dark, wide and narrow, to the folder
// TASKPORT_SCREENSHOTS.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("TASKPORT_SCREENSHOTS")
	if dir == "" {
		t.Skip("TASKPORT_SCREENSHOTS names no folder")
	}
	s := setup(t)
	s.signIn()
	for _, kind := range []importer.Kind{importer.Companies, importer.Contacts, importer.Deals, importer.Events} {
		s.load(kind, sample(t, string(kind)))
	}
	tasks := s.imported("tasks", "tasks.csv", sample(t, "tasks"))
	groups, _, err := s.store.DeadLetterGroupPage(context.Background(), s.workspace, s.ended(tasks).ID,
		store.Page{Number: 1, Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	s.actions = 0
	s.decideSome(tasks, groups)
	staged := s.upload("tasks", "crm-export.csv",
		"Subject,title,Who,contact_name,due_date,status\nx,Call back,,Hans Müller,2026-03-10,open\ny,Offer,,Maria "+
			"Rossi,10.03.2026 noon,Open!\nz,,,Peter Fischer,2026-04-01,Waiting on client\n").path
	letter := ""
	for n, g := range groups {
		if g.Reason == importer.AmbiguousReference && g.Field == "contact_name" && g.Count > 4 {
			letter = fmt.Sprintf("%s?by=group&at=%d", rowPath(tasks, g.FirstRow), n)
			break
		}
	}
	paths := map[string]string{"letter": letter, "upload": staged}
	for _, look := range []struct {
		name          string
		dark          bool
		width, height int64
	}{{"light", false, 1440, 900}, {"dark", true, 1440, 900}, {"phone-light", false, 390, 844}, {"phone-dark", true,
		390, 844}} {
		ctx := tab(t)
		scheme := "light"
		if look.dark {
			scheme = "dark"
		}
		dress(t, ctx, scheme, look.width, look.height)
		enter(t, ctx, s.operator)
		for _, shot := range shots(tasks) {
			path := shot[1]
			if path == "" {
				path = paths[shot[0]]
			}
			must(t, ctx, chromedp.Navigate(s.server.URL+path), chromedp.WaitReady(chromedp.CSS("main")))
			png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			const most = 200 << 10
			if len(png) > most {
				t.Errorf("the picture of %s has %d bytes, want at most %d", shot[0], len(png), most)
			}
			if !inDocuments(shot[0], look.width) && os.Getenv("TASKPORT_SCREENSHOTS_ALL") == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, shot[0]+"-"+look.name+".png"), png, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// inDocuments reports whether the documents show the picture.
func inDocuments(name string, width int64) bool {
	const phone = 500
	return name == "letter" || width > phone && slices.Contains([]string{"imports", "import", "inbox", "decisions",
		"upload"}, name)
}

// dress sets the preferred colour scheme and the size of the window.
func dress(t *testing.T, ctx context.Context, scheme string, width, height int64) {
	t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme",
		Value: scheme}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
	must(t, ctx, chromedp.EmulateViewport(width, height))
}

// decideSome makes decisions, so that the pages of aliases and the audit are not empty.
func (s *site) decideSome(tasks string, groups []store.DeadLetterGroup) {
	s.t.Helper()
	const most = 6
	for _, g := range groups {
		if g.Reason != importer.AmbiguousReference || g.Count > 4 || s.actions > most {
			continue
		}
		p := s.get(rowPath(tasks, g.FirstRow))
		s.send(p, p.path, "version", version(p), "choose", choices.FindStringSubmatch(p.body)[1], "all", "1", "remember",
			"1").has(http.StatusOK)
	}
	s.ended(tasks)
}

func sample(t testing.TB, kind string) string {
	t.Helper()
	content, err := taskport.Testdata.ReadFile("testdata/" + kind + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
