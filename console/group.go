package console

import (
	"fmt"
	"net/http"

	"taskport/importer"
	"taskport/store"
)

// groupsPage lists the groups of dead letters with the same name or fault, the largest first.
type groupsPage struct {
	progress
	Groups []groupLine
	Writes bool
	Rows   int64 // in all of them
	More   int   // groups that are not shown, none larger than these
}

// Missing reports whether the page suggests to import missing records and retry, rather than to
// decide name by name.
func (p groupsPage) Missing() bool {
	return p.Writes && p.Decides() && p.ByReason[importer.UnresolvedReference] > 0 && p.CanTake(store.TransitionRetry)
}

// groupLine is a group with the path of its first dead letter.
type groupLine struct {
	store.DeadLetterGroup
	Path string
}

// shownGroups is how many groups a page shows.
const shownGroups = 200

func (s *server) showGroups(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	all, err := s.counts.groupsOf(r.Context(), s.Store, i)
	if err != nil {
		return nil, err
	}
	p := groupsPage{progress: progressOf(i, s.Now()), More: max(all.total-shownGroups, 0), Rows: i.Rejected - i.Dismissed,
		Writes: r.in.key.MayChange(i.Kind)}
	for n, g := range all.groups[:min(len(all.groups), shownGroups)] {
		p.Groups = append(p.Groups, groupLine{g, deadLetterPath(i.ID, g.FirstRow, walk{ByGroup: true, At: n})})
	}
	return &answer{status: http.StatusOK, view: "groups.html", title: fmt.Sprintf("Decisions of %s", shown(i.FileName)),
		data: p}, nil
}
