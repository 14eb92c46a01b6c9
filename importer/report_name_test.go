package importer

import "testing"

func TestReportName(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"tasks.csv": "tasks.rejects.csv", "/data/old.tasks.ndjson": "old.tasks.rejects.csv", "in/tasks.rejects.csv": "tasks.rejects.rejects.csv", "../../etc/tasks.csv": "tasks.rejects.csv",
		"tasks": "tasks.rejects.csv", "": "id.rejects.csv", "/": "id.rejects.csv", ".": "id.rejects.csv", "..": "..rejects.csv", ".csv": "id.rejects.csv",
	} {
		if got := ReportName(file, "id", "rejects.csv"); got != want {
			t.Errorf("%q gives %q, want %q", file, got, want)
		}
	}
}
