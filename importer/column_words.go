package importer

// usualWords are the usual words for status and priority in English, German, French and Spanish,
// whatever program wrote the file. Ambiguous words are left out.
var usualWords = func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for field, of := range map[string]map[string][]string{
		fieldStatus: {
			"open": {"Open", "Not started", "To do", "Todo", "Offen", "Nicht begonnen", "Nicht gestartet", "Zu erledigen",
				"Ouvert", "Ouverte", "À faire", "Non commencé", "Non commencée", "Non démarré", "Non démarrée",
				"Abierto", "Abierta", "Pendiente", "Por hacer", "Sin empezar", "No iniciado", "No iniciada"},
			"in_progress": {"In progress", "Started", "Work in progress", "In Bearbeitung", "In Arbeit", "Begonnen",
				"Angefangen", "En cours", "Commencé", "Commencée", "Démarré", "Démarrée",
				"En curso", "En progreso", "En proceso", "Iniciado", "Iniciada", "Empezado", "Empezada"},
			"completed": {"Completed", "Complete", "Done", "Finished", "Erledigt", "Abgeschlossen", "Fertig", "Terminé",
				"Terminée", "Achevé", "Achevée", "Fait", "Faite",
				"Completado", "Completada", "Terminado", "Terminada", "Hecho", "Hecha", "Finalizado", "Finalizada"},
		},
		fieldPriority: {
			"high": {"High", "Highest", "Urgent", "Hoch", "Sehr hoch", "Dringend", "Haute", "Haut", "Élevée", "Élevé",
				"Urgente", "Alta", "Alto", "Muy alta"},
			"medium": {"Medium", "Normal", "Mittel", "Moyenne", "Moyen", "Normale", "Media", "Medio"},
			"low":    {"Low", "Lowest", "Niedrig", "Gering", "Basse", "Bas", "Faible", "Baja", "Bajo"},
			"":       {"None", "Keine", "Aucune", "Ninguna"},
		},
	} {
		all[field] = map[string]string{}
		for meant, words := range of {
			for _, w := range words {
				all[field][headerKey(w)] = meant
			}
		}
	}
	return all
}()
