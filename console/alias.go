package console

import (
	"net/http"
	"net/url"

	"taskport/importer"
	"taskport/store"
)

// aliasesPage lists aliases.
type aliasesPage struct {
	Aliases []store.Alias
	Search  string
	Next    string
	Token   string
	Writes  bool
}

func (s *server) showAliases(r *request) (*answer, error) {
	q := r.URL.Query()
	p := aliasesPage{Search: q.Get("q"), Token: r.token, Writes: r.in.key.May(store.WriteActivities)}
	all, err := s.Store.Aliases(r.Context(), r.in.key.WorkspaceID, p.Search, q.Get("after"), pageRows+1)
	if err != nil {
		return nil, err
	}
	if len(all) > pageRows {
		all = all[:pageRows]
		p.Next = "?" + url.Values{"q": {p.Search}, "after": {all[pageRows-1].After}}.Encode()
	}
	p.Aliases = all
	return &answer{status: http.StatusOK, view: "aliases.html", title: "Aliases", data: p}, nil
}

// removeAlias removes an alias. It succeeds when another operator has removed it already.
func (s *server) removeAlias(r *request) (*answer, error) {
	id, ok := importer.ParseID(r.PostFormValue("id"))
	if !ok {
		return nil, errNotFound()
	}
	if err := s.Store.RemoveAlias(r.Context(), r.in.key.WorkspaceID, id, r.actor()); err != nil {
		return nil, err
	}
	return redirect(Prefix + "aliases").saying("The alias was removed; the name is resolved like any other again."), nil
}
