package console

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

const (
	// inboxNames is how many names a page of the inbox has.
	inboxNames = 30
	// askedCompanies is how many companies of a name are shown, with candidates for each.
	askedCompanies = 5
	// offered is how many candidates a line of the inbox offers.
	offered = 4
	// shownRows is how many rows of a line are shown on demand.
	shownRows = 20
)

// inboxPage lists the open rejected rows of all imports by the value that failed.
type inboxPage struct { //nolint:recvcheck // templates call the methods of values
	inboxFilter
	Token  string
	Import store.Import // the one that is listed alone; else the zero value
	Open   int          // that match the filter
	All    int          // open ones in all
	Done   int          // corrected or dismissed, in the same imports
	Counts []inboxChip
	Fields []inboxChip
	Groups []inboxGroup
	More   string // the path of the next names; empty on the last page
	Wrong  string
	Values bool // the import has unknown values, which a worksheet lists
}

// Total returns how many rows there were to decide.
func (p inboxPage) Total() int { return p.All + p.Done }

// Alone reports whether one import is listed.
func (p inboxPage) Alone() bool { return p.Import.ID != uuid.Nil }

// Sure returns the path of the names whose candidate leaves no doubt.
func (p inboxPage) Sure() string { return inboxPath + "/sure" + p.suffix() }

// inboxFilter selects what the inbox shows.
type inboxFilter struct {
	Reason importer.Reason
	Field  string
	Search string
	Only   uuid.UUID // an import; nil for all
	After  store.InboxPlace
}

func readInboxFilter(q url.Values) inboxFilter {
	f := inboxFilter{Reason: readFilter(q).Reason, Field: q.Get("field"), Search: q.Get("q")}
	f.Only, _ = importer.ParseID(q.Get("import"))
	count, key, _ := strings.Cut(q.Get("after"), "-")
	if n, err := strconv.Atoi(count); err == nil {
		f.After = store.InboxPlace{Count: n, Key: key}
	}
	return f
}

const inboxPath = Prefix + "inbox"

// Query returns the filter as the query of a URL, without the place.
func (f inboxFilter) Query() string {
	q := url.Values{}
	for name, value := range map[string]string{"reason": string(f.Reason), "field": f.Field, "q": f.Search} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Only != uuid.Nil {
		q.Set("import", f.Only.String())
	}
	return q.Encode()
}

func (f inboxFilter) suffix() string {
	if q := f.Query(); q != "" {
		return "?" + q
	}
	return ""
}

func (f inboxFilter) store() store.InboxFilter {
	return store.InboxFilter{ImportID: f.Only,
		DeadLetterFilter: store.DeadLetterFilter{Reason: f.Reason, Field: f.Field, Search: f.Search}}
}

// inboxChip narrows the inbox to a reason or a field, or shows all again.
type inboxChip struct {
	Reason importer.Reason // empty for a field
	Text   string
	Count  int
	Link   string
	On     bool
}

// inboxGroup are the rows of a name.
type inboxGroup struct {
	store.InboxName
	Lines []inboxLine
	More  int // companies that are not shown
}

// inboxLine are the rows of a name beside one company. They are decided together.
type inboxLine struct { //nolint:recvcheck // templates call the methods of values
	store.InboxCompany
	Of       store.InboxName
	Any      bool // the rows of all companies
	Filter   inboxFilter
	Token    string
	Named    importer.Kind
	Choices  []choice
	Writes   bool
	Creates  bool
	Aliases  bool
	Wrong    string
	Exists   bool
	Typed    string           // the value that was refused
	Contact  importer.Contact // to be created; of a company its name and domain
	Domain   string
	Why      string
	Remember bool
}

// ID returns the id of the line's element.
func (l inboxLine) ID() string { return "line-" + l.ImportID.String() + "-" + strconv.Itoa(l.Row) }

// Path returns the path of the first row of the line.
func (l inboxLine) Path() string { return deadLetterPath(l.ImportID, l.Row, walk{}) }

// RowsPath returns the path of the rows of the line.
func (l inboxLine) RowsPath() string {
	q := url.Values{"field": {l.Of.Field}, "name": {l.Of.Name}, "q": {l.Filter.Search},
		"reason": {string(cmp.Or(l.Filter.Reason, l.Of.Fault))}, "import": {idText(l.Filter.Only)}}
	if !l.Any {
		q.Set("company", l.Company)
	}
	return inboxPath + "/rows?" + q.Encode()
}

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// Words returns the values that the failed field can have; nil if it takes any text.
func (l inboxLine) Words() []string {
	if words := importer.Meanings(l.Of.Kind, l.Of.Field); len(words) > 1 {
		return words
	}
	return nil
}

// NamesCompany reports whether the failed value names a company.
func (l inboxLine) NamesCompany() bool { return l.Named == importer.Companies }

// IsDate reports whether the failed field takes a date.
func (l inboxLine) IsDate() bool { return importer.IsDate(l.Of.Kind, l.Of.Field) }

// Takes reports whether a value can be given for the failed field.
func (l inboxLine) Takes() bool {
	return l.Of.Field != "" && l.Of.Fault != importer.Orphan && l.Of.Field != "contact_id" && l.Of.Field != "company_id"
}

// Remembers reports whether a choice can be kept as an alias.
func (l inboxLine) Remembers() bool {
	kind, ok := importer.NamedKind(l.Of.Field)
	return ok && l.Aliases && l.Of.Name != "" && kind == l.Named
}

// showInbox shows the open rejected rows of all imports.
func (s *server) showInbox(r *request) (*answer, error) {
	f := readInboxFilter(r.URL.Query())
	p := inboxPage{inboxFilter: f, Token: r.token}
	workspace := r.in.key.WorkspaceID
	var err error
	if f.Only != uuid.Nil {
		if p.Import, err = s.Store.Import(r.Context(), workspace, f.Only); err != nil {
			return nil, err
		}
	}
	if p.Done, err = s.counts.doneOf(r.Context(), s.Store, workspace, f.Only); err != nil {
		return nil, err
	}
	list, err := s.counts.namesOf(r.Context(), s.Store, workspace, f, inboxNames+1)
	if err != nil {
		return nil, err
	}
	for _, c := range list.by {
		p.All += c.Count
	}
	p.addChips(list.by)
	p.Values = p.Alone() && slices.ContainsFunc(list.by, func(c store.InboxCount) bool {
		return slices.Contains(worksheetFields(p.Import.Kind), c.Field)
	})
	if p.Groups, p.More, err = s.inboxGroups(r, f, list.names); err != nil {
		return nil, err
	}
	title := "Inbox"
	if p.Alone() {
		title += " of " + shown(p.Import.FileName)
	}
	return &answer{status: http.StatusOK, view: "inbox.html", title: title, data: p}, nil
}

// addChips adds the chips of reasons, and of the fields under the chosen reason.
func (p *inboxPage) addChips(by []store.InboxCount) {
	reasons, fields := map[importer.Reason]int{}, map[string]int{}
	for _, c := range by {
		reasons[c.Reason] += c.Count
		if p.Reason == "" || p.Reason == c.Reason {
			fields[c.Field] += c.Count
			if p.Field == "" || p.Field == c.Field {
				p.Open += c.Count
			}
		}
	}
	f := p.inboxFilter
	for reason, n := range reasons {
		to, on := f, f.Reason == reason
		if to.Reason, to.Field = reason, ""; on {
			to.Reason = ""
		}
		p.Counts = append(p.Counts, inboxChip{reason, reasonText(reason), n, inboxPath + to.suffix(), on})
	}
	for field, n := range fields {
		to, on := f, f.Field == field
		if to.Field = field; on {
			to.Field = ""
		}
		if field != "" {
			p.Fields = append(p.Fields, inboxChip{"", fieldText(field), n, inboxPath + to.suffix(), on})
		}
	}
	for _, chips := range [][]inboxChip{p.Counts, p.Fields} {
		slices.SortFunc(chips, func(a, b inboxChip) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
		})
	}
}

// inboxGroups returns names with their candidates, and the path of the page after them.
func (s *server) inboxGroups(r *request, f inboxFilter, names []store.InboxName) ([]inboxGroup, string, error) {
	more := ""
	if len(names) > inboxNames {
		names = names[:inboxNames]
		last := names[inboxNames-1].After
		q, _ := url.ParseQuery(f.Query())
		q.Set("after", strconv.Itoa(last.Count)+"-"+last.Key)
		more = inboxPath + "?" + q.Encode()
	}
	groups := make([]inboxGroup, len(names))
	for n, name := range names {
		groups[n] = inboxGroup{InboxName: name, More: max(name.Of-askedCompanies, 0)}
		for _, c := range name.Companies[:min(len(name.Companies), askedCompanies)] {
			groups[n].Lines = append(groups[n].Lines, s.inboxLine(r, name, c, f))
		}
	}
	return groups, more, s.addCandidates(r.Context(), r.in.key.WorkspaceID, groups)
}

func (s *server) inboxLine(r *request, name store.InboxName, c store.InboxCompany, f inboxFilter) inboxLine {
	key := r.in.key
	l := inboxLine{InboxCompany: c, Of: name, Filter: f, Token: r.token, Writes: key.MayChange(name.Kind),
		Creates: key.May(store.WriteContacts), Aliases: key.May(store.WriteActivities),
		Contact: importer.Contact{FullName: name.Name, CompanyName: c.Company}}
	if kind, ok := importer.ChosenKind(name.Field); ok && name.Name != "" {
		l.Named = kind
	}
	if l.Named == importer.Companies {
		l.Creates = key.May(store.WriteCompanies)
		l.Contact = importer.Contact{CompanyName: name.Name}
	}
	l.Creates = l.Creates && (l.Named == importer.Contacts || l.Named == importer.Companies) && l.Remembers()
	return l
}

// addCandidates looks up the names of all lines at once.
func (s *server) addCandidates(ctx context.Context, workspace uuid.UUID, groups []inboxGroup) error {
	var lines []*inboxLine
	var questions []asked
	for _, g := range groups {
		for n := range g.Lines {
			l := &g.Lines[n]
			lines = append(lines, l)
			questions = append(questions, asked{l.Of.Field, l.Of.Name, l.Company})
		}
	}
	answers, err := s.lookUp(ctx, workspace, questions)
	if err != nil {
		return err
	}
	for n, l := range lines {
		l.Choices = choicesOf(answers[n][:min(len(answers[n]), offered)], questions[n])
	}
	return nil
}

// inboxRowsPart are the first rows of a line.
type inboxRowsPart struct {
	Rows []inboxRow
	More bool
}

type inboxRow struct {
	deadLetterLine
	FileName string
}

// showInboxRows shows the rows of a line.
func (s *server) showInboxRows(r *request) (*answer, error) {
	q := r.URL.Query()
	f := readInboxFilter(q)
	sf := f.store()
	if sf.Name = q.Get("name"); q.Has("company") {
		company := q.Get("company")
		sf.Company = &company
	}
	rows, err := s.Store.InboxRows(r.Context(), r.in.key.WorkspaceID, sf, shownRows+1)
	if err != nil {
		return nil, err
	}
	p := inboxRowsPart{More: len(rows) > shownRows}
	for _, row := range rows[:min(len(rows), shownRows)] {
		reader, err := row.Import.RowReader()
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, inboxRow{deadLetterLine{row.DeadLetter, deadLetterPath(row.Import.ID, row.Row, walk{}),
			lineCells(reader, row.DeadLetter)}, row.Import.FileName})
	}
	if r.Header.Get(partHeader) != "" {
		return &answer{status: http.StatusOK, view: "inbox.html", part: "inbox-rows", data: p}, nil
	}
	return &answer{status: http.StatusOK, view: "inboxrows.html", title: "Rejected rows", data: p}, nil
}
