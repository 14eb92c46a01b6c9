package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// data is a directory, and the tasks that refer to it by name. The same seed makes the same data.
type data struct {
	words     *words
	seed      uint64
	companies []string
	people    []person
	namesakes []int    // index of people who share their name with somebody
	strangers []string // people whom the tasks name and the directory lacks
	taken     map[string]bool
	// typoEachRow: each row misspells names in its own way, and each row with a stranger names
	// another.
	typoEachRow bool
	addresses   bool // contacts have email addresses
}

type person struct {
	name     string
	spelled  string // in the system that the tasks come from
	company  int
	namesake bool
}

// Of a hundred rows, so many name somebody exactly, and so many misspelt.
const exactShare, misspeltShare = 70, 20

// namesakeShare is one in how many contacts bears the name of the one before.
const namesakeShare = 50

func makeData(seed uint64, contacts, companies int, typoEachRow bool) (*data, error) {
	w, err := sampleWords()
	if err != nil {
		return nil, err
	}
	d := &data{words: w, seed: seed, taken: map[string]bool{}, typoEachRow: typoEachRow}
	rng := rand.New(rand.NewPCG(seed, 1))
	firms := map[string]bool{}
	for range companies {
		name, err := distinct(firms, "company", func() string { return w.company(rng) })
		if err != nil {
			return nil, err
		}
		d.companies = append(d.companies, name)
	}
	for i := range contacts {
		if i%namesakeShare == namesakeShare-1 {
			d.addNamesake(rng)
			continue
		}
		name, err := distinct(d.taken, "contact", func() string { return w.person(rng) })
		if err != nil {
			return nil, err
		}
		p := person{name: name, spelled: name, company: rng.IntN(companies)}
		if rng.IntN(exactShare+misspeltShare) < misspeltShare {
			p.spelled = misspelt(rng, name)
		}
		d.people = append(d.people, p)
	}
	for range 1 + contacts/30 {
		d.strangers = append(d.strangers, d.stranger(rng))
	}
	return d, nil
}

func (d *data) addNamesake(rng *rand.Rand) {
	before := len(d.people) - 1
	d.people[before].namesake = true
	d.namesakes = append(d.namesakes, before)
	d.people = append(d.people, person{name: d.people[before].name, company: rng.IntN(len(d.companies)), namesake: true})
}

// header has the 13 columns of the load profile.
const header = "title,description,status,priority,task_type,due_date,assignee_id,contact_name,company_name," +
	"deal_id,event_id,created_date,external_id\n"

// writeTasks writes a file of tasks: 70 % name a contact exactly, 20 % with a typo, the order of
// the words or the accents changed, 5 % name several, 3 % nobody, and 2 % have no parent. The
// system that they come from has one spelling for each person. Ids begin with prefix.
func (d *data) writeTasks(w io.Writer, rows int, prefix string) error {
	return d.writeRows(w, rows, prefix, 0)
}

// writeRows does so with a number of further columns, which no field takes.
func (d *data) writeRows(w io.Writer, rows int, prefix string, more int) error {
	rng, words := rand.New(rand.NewPCG(d.seed, 2)), rand.New(rand.NewPCG(d.seed, 3))
	out := bufio.NewWriterSize(w, 1<<20)
	line := []byte(strings.TrimSuffix(header, "\n"))
	for c := range more {
		line = fmt.Appendf(line, ",Custom %d", c+1)
	}
	if _, err := out.Write(append(line, '\n')); err != nil {
		return err
	}
	for i := range rows {
		contact, company := d.parent(rng)
		line = d.appendRow(line[:0], rng, contact, company)
		line = fmt.Appendf(line, "%s%09d", prefix, i)
		for range more {
			line = append(append(line, ','), pick(words, customWords)...)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

// parent draws whom a row names.
func (d *data) parent(rng *rand.Rand) (contact, company string) {
	switch share := rng.IntN(100); {
	case share < exactShare+misspeltShare:
		p := d.unmistakable(rng)
		contact = p.spelled
		if d.typoEachRow && p.spelled != p.name {
			contact = misspelt(rng, p.name)
		}
		if rng.IntN(2) == 0 {
			company = d.companies[p.company]
		}
	case share < 95 && len(d.namesakes) > 0:
		contact = d.people[d.namesakes[rng.IntN(len(d.namesakes))]].name
	case share < 98:
		contact = d.strangers[rng.IntN(len(d.strangers))]
		if d.typoEachRow {
			contact = d.stranger(rng)
		}
	}
	return contact, company
}

func (d *data) unmistakable(rng *rand.Rand) person {
	for {
		if p := d.people[rng.IntN(len(d.people))]; !p.namesake {
			return p
		}
	}
}

func (d *data) stranger(rng *rand.Rand) string {
	for {
		if name := d.words.person(rng); !d.taken[plain(name)] {
			return name
		}
	}
}

var (
	subjects = []string{"Follow up with", "Send the offer to", "Call back", "Prepare the contract for",
		"Check the delivery for", "Ask about the invoice of", "Plan the visit to", "Renew the licence of"}
	remarks = []string{"asked for the terms, and for a call back before noon", "wants the second offer in writing",
		"delivery was late twice; be careful", "knows us from the fair in spring",
		"prefers e-mail, never before nine", "decides together with the head of purchasing, who is away until Monday", ""}
	taskStates     = []string{"open", "open", "in_progress", "completed"}
	taskPriorities = []string{"low", "medium", "high", ""}
	taskTypes      = []string{"call", "email", "meeting", "todo"}
)

// customWords fill the columns that no field takes.
var customWords = []string{"North", "Inbound", "2026-04-01", "1250.00", "Trade fair", "Newsletter of the spring", "yes",
	"Ada Wren", "B2B", "https://example.com/a/174"}

// appendRow writes all cells but the last.
func (d *data) appendRow(line []byte, rng *rand.Rand, contact, company string) []byte {
	subject := contact
	if subject == "" {
		subject = "nobody in particular"
	}
	line = appendCell(line, pick(rng, subjects)+" "+subject)
	line = appendCell(line, pick(rng, remarks))
	line = appendCell(line, pick(rng, taskStates))
	line = appendCell(line, pick(rng, taskPriorities))
	line = appendCell(line, pick(rng, taskTypes))
	line = fmt.Appendf(line, "2026-%02d-%02d,", 1+rng.IntN(12), 1+rng.IntN(28))
	line = fmt.Appendf(line, "user-%d,", rng.IntN(200))
	line = appendCell(line, contact)
	line = appendCell(line, company)
	line = append(line, ",,"...)
	return fmt.Appendf(line, "2025-%02d-%02dT%02d:%02d:00Z,", 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24), rng.IntN(60))
}

func appendCell(line []byte, text string) []byte {
	if strings.ContainsAny(text, ",\"\n") {
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	line = append(line, text...)
	return append(line, ',')
}

// misspelt writes a name as somebody else would have.
func misspelt(rng *rand.Rand, name string) string {
	switch rng.IntN(4) {
	case 0:
		cut := strings.LastIndexByte(name, ' ')
		return name[cut+1:] + ", " + name[:cut]
	case 1:
		if bare := withoutAccents(name); bare != name {
			return bare
		}
		return strings.ToUpper(name)
	}
	return typo(rng, name)
}

// typo leaves out, doubles, swaps or replaces a letter that does not begin a word.
func typo(rng *rand.Rand, name string) string {
	letters := []rune(name)
	at := 1 + rng.IntN(len(letters)-2)
	for letters[at] == ' ' || letters[at-1] == ' ' || letters[at+1] == ' ' {
		at = 1 + rng.IntN(len(letters)-2)
	}
	switch rng.IntN(4) {
	case 0:
		letters = slices.Delete(letters, at, at+1)
	case 1:
		letters = slices.Insert(letters, at, letters[at])
	case 2:
		letters[at], letters[at+1] = letters[at+1], letters[at]
	case 3:
		letters[at] = 'a' + rune(rng.IntN(26))
	}
	return string(letters)
}

func withoutAccents(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// files are where the data lie.
type files struct{ companies, contacts, tasks string }

// write puts everything into files of a folder.
func (d *data) write(dir string, rows int, prefix string) (files, error) {
	f := files{filepath.Join(dir, "companies.csv"), filepath.Join(dir, "contacts.csv"), filepath.Join(dir, "tasks.csv")}
	if err := writeFile(f.companies, func(w io.Writer) error { return d.writeCompanies(w) }); err != nil {
		return f, err
	}
	if err := writeFile(f.contacts, func(w io.Writer) error { return d.writeContacts(w) }); err != nil {
		return f, err
	}
	return f, writeFile(f.tasks, func(w io.Writer) error { return d.writeTasks(w, rows, prefix) })
}

func (d *data) writeCompanies(w io.Writer) error {
	var out strings.Builder
	out.WriteString("name,external_id\n")
	for i, name := range d.companies {
		fmt.Fprintf(&out, "%s,K-%d\n", name, i)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (d *data) writeContacts(w io.Writer) error {
	out := bufio.NewWriter(w)
	columns := "full_name,company_name,external_id"
	if d.addresses {
		columns += ",email"
	}
	fmt.Fprintln(out, columns)
	for i, p := range d.people {
		fmt.Fprintf(out, "%s,%s,C-%d", p.name, d.companies[p.company], i)
		if d.addresses {
			fmt.Fprintf(out, ",contact-%d@company-%d.example", i, p.company)
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return err
	}
	return f.Close()
}
