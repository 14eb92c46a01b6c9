package importer

import (
	"path/filepath"
	"strings"
)

// ReportName is what a file that tells of an import is called after the import's own: tasks.csv gives tasks.rejects.csv for the ending rejects.csv. Where that has no name, the id of the import stands for it.
func ReportName(file, id, ending string) string {
	base := filepath.Base(file)
	base = strings.TrimSuffix(base, filepath.Ext(base))
	if base == "" || base == string(filepath.Separator) {
		base = id
	}
	return base + "." + ending
}
