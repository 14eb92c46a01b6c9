package console

import (
	"fmt"
	"net/http"

	"taskport/store"
)

// groupsPage lists the decisions that are to be taken: dead letters with the same name or the same fault, the largest group first.
type groupsPage struct {
	store.Import
	Groups []groupLine
	Rows   int64 // in all of them
	More   bool  // there are further ones, smaller than these
}

// groupLine is a group with the way to its decision.
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
	groups, err := s.counts.groupsOf(r.Context(), s.Store, i)
	if err != nil {
		return nil, err
	}
	p := groupsPage{Import: i, More: len(groups) > shownGroups, Rows: i.Rejected}
	for n, g := range groups[:min(len(groups), shownGroups)] {
		p.Groups = append(p.Groups, groupLine{g, letterPath(i.ID, g.FirstRow, walk{ByGroup: true, At: n})})
	}
	return &answer{status: http.StatusOK, view: "groups.html", title: fmt.Sprintf("Decisions of %s", shown(i.FileName)), data: p}, nil
}
