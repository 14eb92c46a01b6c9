package check

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskport/importer"
	"taskport/importer/dates"
	"taskport/importer/file"
)

// dateTexts are dates as people and programs write them, and texts that are none.
var dateTexts = [][]string{
	{"2026-03-05", "2026-12-31", "2028-02-29", "20260305"},
	{"2026-03-05T09:30:00Z", "2026-03-05T09:30:00.000+0100", "2026-03-05T09:30", "20260305T093000Z"},
	{"2026-03-05 09:30", "2026-03-05T09:30:00 +0100", "2026/3/5", "2026.03.05 9:30 PM"},
	{"25/03/2026", "31.12.2026", "13-01-26 10:30", "05.05.2026"},
	{"03/25/2026", "12/31/26", "1/13/2026 9:30 PM"},
	{"03/04/2026", "05/05/2026", "1.2.2026", "26-03-04"},
	{"March 5, 2026", "5. März 2026", "le 5 mars 2026 à 14h30", "Thu, 05 Mar 2026 10:15:00 +0100"},
	{"45631", "45631.375", "46000"},
	{"1776157200", "1776157200000", "1776157200.25", "1776157200000000"},
	{"1753-01-01", "2569-03-05", "1899-12-31T12:00:00", "03/04/1753", "25/04/2569", "1 May 1899"},
	{"2026-02-30", "2026-13-01", "2026-03-05T25:00:00Z", "31.02.2026", "2026-03-05T10"},
	{"soon", "36:00:00", "2026", "2026-03", "2026-W10-4", "123", "1776157", "2026030509", "9:30", "#", "every monday"},
	{" 2026-03-05 ", "\u00a02026-03-05", "  ", "n/a", "-"},
}

// TestSurveyAndReaderCountTheSameDates reads random columns of dates: what the survey says of a
// column is what the rows become.
func TestSurveyAndReaderCountTheSameDates(t *testing.T) {
	t.Parallel()
	count := regexp.MustCompile(`"due_date": (\d+) of \d+ (cannot be read as a date|are before 1970)`)
	orders := []dates.Order{"", "", "", dates.DayFirst, dates.MonthFirst, dates.YearFirst, "serial", "epoch"}
	seen := map[string]int{}
	for seed := range uint64(600) {
		random := rand.New(rand.NewPCG(seed, 3))
		var cells []string
		for range 1 + random.IntN(4) {
			texts := dateTexts[random.IntN(len(dateTexts))]
			for range 1 + random.IntN(6) {
				cells = append(cells, texts[random.IntN(len(texts))])
			}
		}
		mapping := importer.Mapping{DateOrder: orders[random.IntN(len(orders))]}
		if random.IntN(3) == 0 {
			mapping.Timezone = "Europe/Berlin"
		}
		said, found := map[string]int{}, map[string]int{}
		of := columnOfDates(cells, mapping)
		if random.IntN(3) == 0 {
			of = datesAndTimes(random, cells, mapping)
		}
		err := of.Read(time.Now(), func(p *importer.RowReader) error {
			seen[string(p.Layout.Dates["due_date"])]++
			for _, c := range p.Layout.Profile {
				for _, problem := range c.Problems {
					if m := count.FindStringSubmatch(problem.Text); m != nil {
						said[m[2]], _ = strconv.Atoi(m[1])
					}
				}
			}
			return nil
		}, func(b *importer.Batch) error {
			for i := range b.Dead {
				if b.Dead[i].Field == "due_date" {
					found["cannot be read as a date"]++
				}
			}
			if n := b.Adjusted(importer.DuplicateSkip).Implausible()["due_date"]; n > 0 {
				found["are before 1970"] += n
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(said) != fmt.Sprint(found) {
			t.Errorf("%q as %+v: the survey says %v, the rows %v", cells, mapping, said, found)
		}
	}
	for _, form := range []dates.Form{"", "dmy", "mdy", "ymd", "plain", "serial", "epoch", "unsure"} {
		if seen[string(form)] == 0 {
			t.Errorf("no column was %q: %v", form, seen)
		}
	}
}

// columnOfDates returns a file of tasks whose due dates are the cells.
func columnOfDates(cells []string, m importer.Mapping) File {
	var text bytes.Buffer
	text.WriteString("title,contact_name,due_date\n")
	for _, c := range cells {
		fmt.Fprintf(&text, "Call,Hans Müller,\"%s\"\n", c)
	}
	return fileOf(text.String(), m)
}

// datesAndTimes returns such a file with times of day in a column of their own.
func datesAndTimes(random *rand.Rand, cells []string, m importer.Mapping) File {
	var text bytes.Buffer
	text.WriteString("title,contact_name,due_date,due_time\n")
	for _, c := range cells {
		clock := []string{"", "09:30", "2:30 PM", "25:00", "1899-12-30T09:30:00", "noon"}[random.IntN(6)]
		fmt.Fprintf(&text, "Call,Hans Müller,\"%s\",%s\n", c, clock)
	}
	return fileOf(text.String(), m)
}

func fileOf(text string, m importer.Mapping) File {
	return File{Kind: importer.Tasks, Name: "tasks.csv", Mapping: m, Cut: file.Options{Format: file.CSV, HasHeader: true},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}
