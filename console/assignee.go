package console

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// NamesUser reports whether the row is corrected by the user to whom its task is assigned.
func (p *deadLetterPage) NamesUser() bool { return p.Named == importer.Users }

// userChoices returns the users that may be meant: those that the row names, and the others where
// they are few.
func (s *server) userChoices(ctx context.Context, p *deadLetterPage) ([]choice, error) {
	all := choicesOf(p.Candidates, asked{p.SubjectField(), p.Subject, ""})
	others, err := s.foundUsers(ctx, p, "", foundRecords+1)
	if err != nil || len(others) > foundRecords {
		return all, err
	}
	for _, c := range others {
		if slices.ContainsFunc(all, func(there choice) bool { return there.ID == c.ID }) {
			continue
		}
		if len(all) < foundRecords {
			c.Key = len(all) + 1
		}
		all = append(all, c)
	}
	return all, nil
}

// foundUsers returns the active users with a text in their name, address or id; all for an empty
// one.
func (s *server) foundUsers(ctx context.Context, p *deadLetterPage, find string, most int) ([]choice, error) {
	active := true
	page, err := s.Store.Directory(ctx, p.WorkspaceID, importer.Users,
		store.DirectoryFilter{Search: find, Active: &active}, store.Page{Number: 1, Size: most})
	if err != nil {
		return nil, err
	}
	all := make([]choice, 0, len(page.Rows))
	for _, r := range page.Rows {
		all = append(all, choice{ID: r.ID, Name: differing(r.Field("name"), p.Subject), Email: r.Field("email"),
			Ref: r.Field("assignee_id")})
	}
	return all, nil
}

// assign makes a correction assign the task to a user, or to nobody for the nil id, whatever was
// typed for the assignee.
func assign(m importer.Correction, user uuid.UUID) importer.Correction {
	fields := maps.Clone(m.Fields)
	if fields == nil {
		fields = map[string]string{}
	}
	maps.Copy(fields, importer.AssignedTo(user).Fields)
	m.Fields = fields
	return m
}

// decideAssignee stores a correction of the assignee, for one row or for all like it, and keeps the
// user that was chosen for the name as an alias.
func (s *server) decideAssignee(r *request, p *deadLetterPage, m importer.Correction, all bool) (store.Correcting,
	error) {
	made, err := s.Store.CorrectAll(r.Context(), p.WorkspaceID, p.ID, selects(p.DeadLetter, all), m, false, r.actor(), nil)
	id, chosen := m.Fields["assignee_id"]
	if user, ok := importer.ParseID(id); err == nil && chosen && (ok || id == "") && p.Remembers() {
		_, err = s.Store.KeepAlias(r.Context(), p.WorkspaceID, importer.Users, p.Subject, user,
			r.actor().In(made.Decision), nil)
	}
	return made, err
}
