package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// auditPage lists the actions of operators.
type auditPage struct {
	Token   string
	Here    string
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

// Undo returns the decision of the entry if it can be undone; empty without one.
func (l auditLine) Undo() string { return idText(l.Decision()) }

// auditField is a value of a correction.
type auditField struct {
	Name, Value string
	ID          string // shown on hover
}

// actionTexts are the actions as the page shows them.
var actionTexts = map[store.Action]string{
	store.ActionCorrect: "corrected a row", store.ActionCorrectAll: "corrected rows",
	store.ActionKeepAlias:     "kept an alias",
	store.ActionRemoveAlias:   "removed an alias",
	store.ActionCreateCompany: "created a company",
	store.ActionCreateContact: "created a contact", store.ActionCancel: "cancelled an import",
	store.ActionDeleteRecord: "deleted a record",
	store.ActionRetry:        "retried an import", store.ActionUndo: "undid an import",
	store.ActionCommit: "committed a dry run", store.ActionPurge: "removed what a file held",
	store.ActionErase: "erased a person", store.ActionDismiss: "dismissed rows",
	store.ActionRestore: "opened dismissed rows again", store.ActionUndoDecision: "undid a decision",
	store.ActionRetryRejects: "retried rows that a new record resolves",
}

func (s *server) showAudit(r *request) (*answer, error) {
	before, _ := importer.ParseID(r.URL.Query().Get("before"))
	entries, err := s.Store.Audit(r.Context(), r.in.key.WorkspaceID, before, pageRows+1)
	if err != nil {
		return nil, err
	}
	p := auditPage{Token: r.token, Here: r.URL.RequestURI()}
	if len(entries) > pageRows {
		entries = entries[:pageRows]
		p.Next = "?" + url.Values{"before": {entries[pageRows-1].ID.String()}}.Encode()
	}
	for _, e := range entries {
		p.Entries = append(p.Entries, auditLineOf(e))
	}
	if err := s.nameRecords(r, p.Entries); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, view: "audit.html", title: "Audit", data: p}, nil
}

func auditLineOf(e store.AuditEntry) auditLine {
	line := auditLine{AuditEntry: e, Action: actionTexts[e.Action], Rows: e.Detail.Rows, Import: e.ImportID,
		About: e.Detail.Name}
	if line.Action == "" {
		line.Action = string(e.Action)
	}
	if why := e.Detail.Name; e.Action == store.ActionDismiss && why != "" {
		line.About, line.With = "", append(line.With, auditField{Name: "why", Value: why})
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
		line.With = append(line.With, fieldOf(name, e.Detail.Fields[name]))
	}
	if e.Detail.RecordID != uuid.Nil {
		line.With = append(line.With, fieldOf("record", e.Detail.RecordID.String()))
	}
	return line
}

// nameRecords replaces the ids of contacts and companies by their names.
func (s *server) nameRecords(r *request, lines []auditLine) error {
	var ids []uuid.UUID
	for _, l := range lines {
		for _, f := range l.With {
			if id, ok := importer.ParseID(f.ID); ok {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for _, kind := range []importer.Kind{importer.Contacts, importer.Companies} {
		records, err := s.Store.Records(r.Context(), r.in.key.WorkspaceID, kind, ids)
		if err != nil {
			return err
		}
		for _, l := range lines {
			for n, f := range l.With {
				if id, ok := importer.ParseID(f.ID); ok && records[id].Name != "" {
					l.With[n].Value = records[id].Name
				}
			}
		}
	}
	return nil
}

// fieldOf returns a value as the page shows it, and of an id its end.
func fieldOf(name, value string) auditField {
	if _, isID := importer.ParseID(value); isID {
		return auditField{Name: fieldText(strings.TrimSuffix(name, "_id")), Value: "…" + value[len(value)-4:], ID: value}
	}
	return auditField{Name: fieldText(name), Value: value}
}
