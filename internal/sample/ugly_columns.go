package main

import "strings"

func first(name string) string { return name[:strings.IndexByte(name, ' ')] }
func last(name string) string  { return name[strings.IndexByte(name, ' ')+1:] }

// columns are files with columns, values and dates in people's own words.
func (u *uglyMaker) columns() []ugly {
	a, b, c := u.a, u.b, u.c
	dates := func(cells ...string) string {
		text := "title,contact_name,due_date\n"
		for i, who := range []string{a, b, c}[:len(cells)] {
			text += []string{"Eins", "Zwei", "Drei"}[i] + "," + who + ",\"" + cells[i] + "\"\n"
		}
		return text
	}
	due := func(cells ...string) (rows []string) {
		for i, who := range []string{a, b, c}[:len(cells)] {
			row := []string{"Eins", "Zwei", "Drei"}[i] + " | " + who + " | " + cells[i]
			if cells[i][0] == '!' {
				row = cells[i]
			}
			rows = append(rows, row)
		}
		return rows
	}
	const bad = "! invalid_value"
	return []ugly{
		{File: "columns_in_english.csv", data: "Subject,Contact,Due,Notes,Assigned To\nEins," + a + ",2031-04-05,x,Max\n",
			Note: `"Subject" feeds title, "Notes" feeds description, "Due" feeds due_date, ` +
				`"Assigned To" feeds assignee_name, "Contact" feeds contact_name;`,
			Rows: []string{"Eins | " + a + " | x | 2031-04-05"}},
		{File: "columns_in_german.csv", data: "Betreff;Ansprechpartner;Fällig am;Notizen;Zuständig\nEins;" + a +
			";2031-04-05;x;Max\n",
			Note: `"Betreff" feeds title, "Notizen" feeds description, ` +
				`"Fällig am" feeds due_date, "Zuständig" feeds assignee_name, "Ansprechpartner" feeds contact_name;`,
			Rows: []string{"Eins | " + a + " | x | 2031-04-05"}},
		{File: "columns_in_french.csv", data: "Objet;Nom du contact;Date d'échéance;Remarques;Responsable\nUn;" + b +
			";2031-04-05;x;Max\n",
			Note: `"Objet" feeds title, "Remarques" feeds description, ` +
				`"Date d'échéance" feeds due_date, "Nom du contact" feeds contact_name;`,
			Rows: []string{"Un | " + b + " | x | 2031-04-05"}},
		{File: "columns_in_spanish.csv", data: "Asunto;Contacto;Fecha de vencimiento;Observaciones;Propietario\nUno;" + b +
			";2031-04-05;x;Max\n",
			Note: `"Asunto" feeds title, "Observaciones" feeds description, ` +
				`"Fecha de vencimiento" feeds due_date, "Propietario" feeds assignee_name, "Contacto" feeds contact_name;`,
			Rows: []string{"Uno | " + b + " | x | 2031-04-05"}},
		{File: "columns_misspelt.csv", data: "Titel,Contakt Name,Discription\nEins," + a + ",x\n",
			Note: `"Discription" is nearly a name of description`, Rows: []string{"Eins | " + a + " | x"}},
		{File: "columns_that_compete.csv", data: "title,contact_name,Due,Deadline\nEins," + a + ",2031-04-05,2031-04-06\n",
			Note: `"Due", "Deadline" could all feed due_date, so none does`, Rows: []string{"Eins | " + a}},
		{File: "columns_that_compete_for_the_title.csv", data: "Subject,Betreff,contact_name\nEins,Zwei," + a + "\n",
			Message: `"Subject", "Betreff" could all feed title`},
		{File: "contact_in_two_columns.csv", data: "title,First Name,Last Name,Assigned To\nEins," + first(a) + "," +
			last(a) + ",Max\n", Note: `"First Name" and "Last Name" together feed contact_name`, Rows: []string{"Eins | " + a}},
		{File: "contact_in_two_columns_named.csv", Mapping: `{"compose": {"contact_name": ["A", "B"]}}`,
			data: "title,A,B\nEins," + first(a) + "," + last(a) + "\nZwei,-,\n", Rows: []string{"Eins | " + a, "! orphan"}},
		{File: "contact_in_two_columns_of_the_owner.csv", data: "title,Owner First Name,Owner Last Name\nEins," +
			first(a) + "," + last(a) + "\n", Rows: []string{"! orphan"},
			Note: "2 columns kept in custom_fields: Owner First Name, Owner Last Name"},
		{File: "constants.csv", Mapping: `{"constants": {"task_type": "call", "status": "in_progress"}}`,
			data: "title,contact_name\nEins," + a + "\n", Rows: []string{"Eins | " + a + " | in_progress | call"}},
		{File: "mapping_named.csv", Mapping: `{"mapping": {"Was": "title", "Wer": "contact_name", "title": ""}}`,
			data: "Was,Wer,title\nEins," + a + ",x\n", Rows: []string{"Eins | " + a}},
		{File: "dates_by_name.csv", data: dates("5 April 2031", "1. März 2031", "le 14 juillet 2031 à 14h30"),
			Rows: due("2031-04-05", "2031-03-01", "2031-07-14T14:30:00Z")},
		{File: "dates_by_name_short.csv", data: dates("Apr 5, 2031", "05-Apr-31", "5 de enero de 2031"),
			Rows: due("2031-04-05", "2031-04-05", "2031-01-05")},
		{File: "dates_day_first.csv", data: dates("03.04.2031", "25.04.2031 9:05", "31.02.2031"),
			Note: `the day comes first, as 25.04.2031 9:05 shows`, Rows: due("2031-04-03", "2031-04-25T09:05:00Z", bad)},
		{File: "dates_month_first.csv", data: dates("4/3/2031", "4/25/2031 9:05 PM", "12/31/31"),
			Note: `the month comes first, as 4/25/2031 9:05 PM shows`, Rows: due("2031-04-03", "2031-04-25T21:05:00Z",
				"2031-12-31")},
		{File: "dates_mixed.csv", data: dates("25/04/2031", "04/25/2031", "03/04/2031"),
			Note: `in some dates the day comes first (25/04/2031), in others the month (04/25/2031), ` +
				`and 1 of 3 could be either`,
			Rows: due("2031-04-25", "2031-04-25", bad)},
		{File: "dates_serial.csv", data: dates("47943", "47943.5", "47944"),
			Note: `counts days as spreadsheets do: 47943 is 2031-04-05`, Rows: due("2031-04-05", "2031-04-05T12:00:00Z",
				"2031-04-06")},
		{File: "dates_serial_among_others.csv", data: dates("47943", "2031-04-06"), Rows: due(bad, "2031-04-06")},
		{File: "dates_unsure.csv", data: dates("03/04/2031", "05/05/2031", "2031-04-05"),
			Note: `in 03/04/2031 the day or the month may come first, and so in 1 of 3 dates`, Rows: due(bad, "2031-05-05",
				"2031-04-05")},
		{File: "dates_unsure_settled.csv", Mapping: `{"date_order": "mdy"}`, data: dates("03/04/2031", "05/05/2031",
			"25/04/2031"), Rows: due("2031-03-04", "2031-05-05", bad)},
		{File: "dates_year_first.csv", data: dates("2031/04/05", "2031.4.6", "2031-04-07 08:00"), Rows: due("2031-04-05",
			"2031-04-06", "2031-04-07T08:00:00Z")},
		{File: "timezone_named.csv", Mapping: `{"timezone": "Europe/Berlin"}`, data: dates("2031-07-05T09:00:00",
			"2031-01-05T09:00", "2031-07-05T09:00:00Z"), Rows: due("2031-07-05T07:00:00Z", "2031-01-05T08:00:00Z",
			"2031-07-05T09:00:00Z")},
		{File: "words_in_four_languages.csv", data: "title,contact_name,status\nEins," + a + ",Done\nZwei," + a +
			",Erledigt\nDrei," + a + ",terminée\nVier," + a + ",EN CURSO\n",
			Rows: []string{"Eins | " + a + " | completed", "Zwei | " + a + " | completed", "Drei | " + a + " | completed",
				"Vier | " + a + " | in_progress"}},
		{File: "words_unknown.csv", data: "title,contact_name,status\nEins," + a + ",Canceled\nZwei," + a +
			",canceled\nDrei," + a + ",open\n", Note: `"Canceled" (2 rows)`,
			Rows: []string{bad, bad, "Drei | " + a}},
		{File: "words_unknown_settled.csv", Mapping: `{"values": {"status": {"Canceled": "completed"}}}`,
			data: "title,contact_name,status\nEins," + a + ",Canceled\nZwei," + a + ",canceled\nDrei," + a + ",open\n",
			Rows: []string{"Eins | " + a + " | completed", "Zwei | " + a + " | completed", "Drei | " + a}},
		{File: "all_options.csv",
			Mapping: `{"mapping": {"Was": "title", "Bis": "due_date"}, "values": {"status": {"Läuft noch": "in_progress"}, ` +
				`"priority": {"A": "high"}}, "constants": {"task_type": "call"},
			"compose": {"contact_name": ["Vor", "Nach"]}, "date_order": "dmy", "timezone": "Europe/Berlin", "preset": "none"}`,
			data: "Was;Vor;Nach;Status;Prio;Bis\nEins;" + first(a) + ";" + last(a) + ";Läuft noch;A;03.04.2031 09:00\nZwei;" +
				first(b) + ";" + last(b) + ";;a;04.05.2031\nDrei;;;;;\nVier;" + first(a) + ";" + last(a) + ";?;;\n",
			Note: `"Prio" feeds priority`, Rows: []string{"Eins | " + a + " | in_progress | call | 2031-04-03T07:00:00Z",
				"Zwei | " + b + " | call | 2031-05-04", "! orphan", bad}},
	}
}
