package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"
)

// place is where a row must end.
type place string

const (
	created  place = "created"
	updated  place = "updated"
	skipped  place = "skipped"
	rejected place = "rejected"
)

// want is the required outcome of a row. It is decided while the row is made, independently of the
// program.
type want struct {
	place    place
	reason   string // of a dead letter
	title    string // of the task, as the last row with its external id leaves it
	contact  string // external id of the linked contact
	company  string // external id of the linked company
	external string // external id, with the placeholder in it
}

// file is a file of tasks and the required outcomes. Each import replaces placeholder by its own
// tag, so that the file can be imported often.
type file struct {
	name        string
	text        string
	site        int // whose directory it refers to
	onDuplicate string
	rows        []want // by row number, from 1
	report      string // of the undisturbed run, with the placeholder in it
}

const (
	placeholder = "@@@@@@"
	fewestRows  = 100
	chunkRows   = 250
)

var (
	givenNames = strings.Fields("Anna Boris Carla Dmitri Elena Fabian Greta Hassan Ingrid Jorge Katrin Leopold Marta " +
		"Nikolai Ottilie Pablo Quentin Rosalind Stefan Tamara Ulrich Viola Wilhelm Xenia Yusuf Zora")
	surnames = strings.Fields("Abendroth Brinkmann Castellano Dubrovnik Eisenberg Fitzgerald Guggenheim Hohenstein " +
		"Ivanovich Jablonski Kaltenbach Lindqvist Montgomery Nakamura Oppenheimer Papadopoulos")
	firms     = strings.Fields("Adlerhorst Birkenfeld Cobaltine Dunkelmann Espenlaub Fjordland Glimmerstein Hagebuche")
	strangers = strings.Fields("Qwxzt Vjkpq Zzgrx Xxbvw")
)

// person is a contact of a directory; namesakes share their name with somebody.
type person struct {
	name, external string
	namesake       bool
}

// people lists the contacts of every directory.
func people() []person {
	var all []person
	for i, s := range surnames {
		for j, g := range givenNames {
			if (i+j)%2 == 0 { // nobody is called like a whole family
				all = append(all, person{name: g + " " + s, external: fmt.Sprintf("P-%d-%d", i, j)})
			}
		}
	}
	for i := range 8 {
		twin := &all[i*11]
		twin.namesake = true
		all = append(all, person{name: twin.name, external: fmt.Sprintf("P-twin-%d", i), namesake: true})
	}
	return all
}

func contactsFile() string {
	var b strings.Builder
	b.WriteString("full_name,external_id\n")
	for _, p := range people() {
		fmt.Fprintf(&b, "%s,%s\n", p.name, p.external)
	}
	return b.String()
}

func companiesFile() string {
	var b strings.Builder
	b.WriteString("name,external_id\n")
	for i, name := range firms {
		fmt.Fprintf(&b, "%s,K-%d\n", name, i)
	}
	return b.String()
}

const taskHeader = "title,description,status,priority,contact_name,company_name,contact_id,external_id\n"

// writer makes a file row by row.
type writer struct {
	rng           *rand.Rand
	out           strings.Builder
	file          *file
	alone, doubly []person // contacts whom a name means alone, and those whom it does not
	last          string   // external id of the row before, if that was created
}

// makeFile makes a file of tasks. Every second one is clean: each of its rows has an external id
// and is created, so that a chunk that is processed a second time finds nothing in its way but what
// the program does about it.
func makeFile(seed uint64, number, sites, mostRows int) *file {
	rng := newRand(seed, uint64(number))
	rows := math.Exp(math.Log(fewestRows) + rng.Float64()*(math.Log(float64(mostRows))-math.Log(fewestRows)))
	return fileOf(seed, number, sites, int(rows))
}

// fileOf makes a file of so many rows.
func fileOf(seed uint64, number, sites, rows int) *file {
	rng := rand.New(rand.NewPCG(seed, uint64(number)))
	w := &writer{rng: rng, file: &file{name: fmt.Sprintf("file-%d.csv", number), site: number % sites, rows: []want{{}},
		onDuplicate: []string{"skip", "update", "reject"}[rng.IntN(3)]}}
	clean := number%2 == 0
	if clean {
		w.file.onDuplicate = "skip"
	}
	for _, p := range people() {
		if p.namesake {
			w.doubly = append(w.doubly, p)
		} else {
			w.alone = append(w.alone, p)
		}
	}
	w.out.WriteString(taskHeader)
	for n := 1; n <= rows; n++ {
		w.row(n, clean)
	}
	w.file.text = w.out.String()
	return w.file
}

func (w *writer) row(n int, clean bool) {
	share := w.rng.IntN(100)
	if clean {
		share = w.rng.IntN(70)
	}
	title := fmt.Sprintf("Call number %d", n)
	external := ""
	if clean || w.rng.IntN(2) == 0 {
		external = fmt.Sprintf("%s-%d", placeholder, n)
	}
	last := w.last
	w.last = ""
	switch {
	case share < 60:
		p := w.alone[w.rng.IntN(len(w.alone))]
		w.add(want{place: created, title: title, contact: p.external, external: external}, title, p.name, "", "", "")
	case share < 70:
		k := w.rng.IntN(len(firms))
		w.add(want{place: created, title: title, company: fmt.Sprintf("K-%d", k), external: external}, title, "", firms[k],
			"", "")
	case share < 76 && last != "" && (n-1)%chunkRows != 0: // in the chunk of the row that it repeats
		w.repeat(n, title, last)
	default:
		w.reject(share, title, external)
	}
}

// repeat adds a row whose external id is that of the row before.
func (w *writer) repeat(n int, title, external string) {
	before := &w.file.rows[n-1]
	p := w.alone[w.rng.IntN(len(w.alone))]
	v := want{place: skipped, external: external}
	switch w.file.onDuplicate {
	case "update":
		v.place = updated
		before.title, before.contact = title, p.external
	case "reject":
		v.place, v.reason = rejected, "duplicate"
	}
	w.add(v, title, p.name, "", "", "")
	w.last = ""
}

func (w *writer) reject(share int, title, external string) {
	v := want{place: rejected, external: external}
	contact, contactID, status := w.alone[w.rng.IntN(len(w.alone))].name, "", ""
	switch share % 6 {
	case 0:
		v.reason, contact = "orphan", ""
	case 1:
		v.reason, title = "missing_title", ""
	case 2:
		v.reason, status = "invalid_value", "perhaps"
	case 3:
		v.reason, contact = "ambiguous_reference", w.doubly[w.rng.IntN(len(w.doubly))].name
	case 4:
		v.reason, contact = "unresolved_reference",
			strangers[w.rng.IntN(len(strangers))]+" "+strangers[w.rng.IntN(len(strangers))]
	case 5:
		if w.rng.IntN(2) == 0 {
			w.file.rows = append(w.file.rows, want{place: rejected, reason: "malformed_row"})
			w.out.WriteString(title + ",too,many,cells,for,the,header,of,the,file,here\n")
			return
		}
		v.reason, contactID = "unknown_reference", uuid.NewSHA1(uuid.Nil, []byte(title)).String()
	}
	w.add(v, title, contact, "", contactID, status)
}

func (w *writer) add(v want, title, contact, company, contactID, status string) {
	w.file.rows = append(w.file.rows, v)
	if v.place == created {
		w.last = v.external
	}
	priority := []string{"", "low", "medium", "high"}[w.rng.IntN(4)]
	fmt.Fprintf(&w.out, "%s,\"as agreed, with care\",%s,%s,%s,%s,%s,%s\n", title, status, priority, contact, company,
		contactID, v.external)
}
