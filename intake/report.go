package intake

import (
	"taskport/store"
)

func (s *server) rejectsList() listOfJob {
	return listOfJob{page: s.rejects, whole: map[string]func(*request, store.Import) (*answer, error){"csv": s.reportAs(store.ReportCSV), "xlsx": s.reportAs(store.ReportWorkbook)}}
}

func (s *server) resultsList() listOfJob {
	return listOfJob{page: s.results, whole: map[string]func(*request, store.Import) (*answer, error){"csv": s.resultsFile}}
}

// reportAs streams the dead-letter report in a format.
func (s *server) reportAs(format store.ReportFormat) func(*request, store.Import) (*answer, error) {
	return func(r *request, i store.Import) (*answer, error) {
		f, err := rejectsFilter(r)
		if err != nil {
			return nil, err
		}
		write, err := s.Store.Report(r.Context(), i, f, format)
		if err != nil {
			return nil, err
		}
		return fileAnswer(i, "rejects."+string(format), formatTypes[string(format)], write), nil
	}
}
