package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// auditPage lists the actions of operators.
type auditPage struct {
	Entries []auditLine
	Next    string
}

// auditLine is an entry as the page shows it.
type auditLine struct {
	store.AuditEntry
	Action string
	About  string
	With   []auditField
	Rows   int
	Import uuid.UUID
}

// HasImport reports whether the entry is about an import.
func (l auditLine) HasImport() bool { return l.Import != uuid.Nil }

// auditField is a value of a correction.
type auditField struct{ Name, Value string }

// actionTexts are the actions as the page shows them.
var actionTexts = map[store.Action]string{
	store.ActionCorrect: "corrected a row", store.ActionCorrectAll: "corrected rows",
	store.ActionKeepAlias:     "kept an alias",
	store.ActionRemoveAlias:   "removed an alias",
	store.ActionCreateContact: "created a contact", store.ActionCancel: "cancelled an import",
	store.ActionDeleteRecord: "deleted a record",
	store.ActionRetry:        "retried an import", store.ActionUndo: "undid an import",
	store.ActionCommit: "committed a dry run", store.ActionPurge: "removed what a file held",
	store.ActionErase: "erased a person",
}

func (s *server) showAudit(r *request) (*answer, error) {
	before, _ := importer.ParseID(r.URL.Query().Get("before"))
	entries, err := s.Store.Audit(r.Context(), r.in.key.WorkspaceID, before, pageRows+1)
	if err != nil {
		return nil, err
	}
	var p auditPage
	if len(entries) > pageRows {
		entries = entries[:pageRows]
		p.Next = "?" + url.Values{"before": {entries[pageRows-1].ID.String()}}.Encode()
	}
	for _, e := range entries {
		p.Entries = append(p.Entries, auditLineOf(e))
	}
	return &answer{status: http.StatusOK, view: "audit.html", title: "Audit", data: p}, nil
}

func auditLineOf(e store.AuditEntry) auditLine {
	line := auditLine{AuditEntry: e, Action: actionTexts[e.Action], Rows: e.Detail.Rows, Import: e.ImportID,
		About: e.Detail.Name}
	if line.Action == "" {
		line.Action = string(e.Action)
	}
	if which := e.Detail.Selector; which != nil {
		switch {
		case which.Name != "":
			line.About = which.Name
		case which.Reason != "":
			line.About = reasonText(which.Reason)
		case len(which.Rows) > 0:
			line.About = "row " + grouped(int64(which.Rows[0]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Detail.Fields)) {
		line.With = append(line.With, auditField{name, e.Detail.Fields[name]})
	}
	if e.Detail.RecordID != uuid.Nil {
		line.With = append(line.With, auditField{"record", e.Detail.RecordID.String()})
	}
	return line
}
