package intake

import (
	"encoding/json"
	"net/url"

	"taskport/importer"
	"taskport/importer/dates"
)

// queryRecipe reads from query parameters how columns and values become those of rows.
func queryRecipe(q url.Values) (importer.Recipe, error) {
	r := importer.Recipe{Preset: q.Get("preset"), DateOrder: dates.Order(q.Get("date_order")), Timezone: q.Get("timezone")}
	for _, o := range []struct {
		name, example string
		into          any
	}{
		{"mapping", `from column to field, for instance {"Subject": "title"}`, &r.Mapping},
		{"values", `from field to what its values mean, for instance {"status": {"Not Started": "open"}}`, &r.Values},
		{"constants", `from field to value, for instance {"task_type": "call"}`, &r.Constants},
		{"compose", `from field to columns, for instance {"contact_name": ["First Name", "Last Name"]}`, &r.Compose},
	} {
		if text := q.Get(o.name); text != "" && json.Unmarshal([]byte(text), o.into) != nil {
			return r, newError("validation_error", "%s must be a JSON object %s", o.name, o.example).of(o.name)
		}
	}
	return r, nil
}
