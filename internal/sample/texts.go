package main

// phrases are the texts of tasks in one language; {n} becomes a number, {q} a quarter.
type phrases struct{ titles, notes []string }

var texts = map[string]phrases{
	"de": {
		[]string{"Angebot nachfassen", "Vertrag zusenden", "Rückruf vereinbaren", "Rechnung {n} prüfen",
			"Muster verschicken", "Liefertermin für Auftrag {n} klären",
			"Jahresgespräch {q} vorbereiten", "Mängelrüge beantworten", "Kündigung bestätigen, Frist prüfen",
			"Preisliste übermitteln"},
		[]string{"Ist ab 14 Uhr erreichbar, sonst über die Zentrale.",
			"Kunde möchte Skonto; bitte \"ohne Obligo\" formulieren.",
			"Größe und Farbe stehen noch aus, außerdem die Maße für Los {n}.",
			"Hat zuletzt im {q} bestellt. Übergabe an Außendienst."},
	},
	"en": {
		[]string{"Send contract", "Follow up on quote {n}", "Schedule a demo", "Call about the renewal",
			"Check in after the trial, second attempt", "Prepare {q} review",
			"Return signed NDA", "Confirm delivery of order {n}", "+1 licence for the team", "Chase overdue invoice {n}",
			"Introduce the new account manager"},
		[]string{"Prefers email, not before 10 am.", "Asked for a discount, said \"budget is tight\" until {q}.",
			"Main line +44 20 7946 0812, extension 14.",
			"Wants net 30, ships to Leeds, Hull and York.", "Decision expected in {q}; order {n} depends on it."},
	},
	"fr": {
		[]string{"Relancer le devis", "Envoyer le contrat", "Prévoir un rendez-vous téléphonique",
			"Vérifier la facture n° {n}", "Préparer la réunion du {q}",
			"Répondre à la réclamation", "Rappeler après l'essai, à défaut écrire", "Confirmer la livraison {n}",
			"Expédier les échantillons"},
		[]string{"Préfère être appelée l'après-midi, jamais le mercredi.", "Délai demandé : \"fin {q}\", à confirmer.",
			"Déjà client depuis l'été ; remise de 5 % accordée.",
			"Être bref, aller à l'essentiel, joindre le devis {n}."},
	},
	"es": {
		[]string{"Dar seguimiento al presupuesto", "Enviar contrato firmado", "Llamar mañana por la renovación",
			"Revisar factura {n}", "Preparar reunión del {q}",
			"¿Aceptan el descuento?", "Reclamar el pago pendiente, última vez", "Confirmar envío {n}"},
		[]string{"Mejor por la tarde, después de la reunión.", "Pidió \"sin compromiso\" una muestra del año pasado.",
			"Teléfono de centralita, extensión 22, preguntar por compras.",
			"Le interesa el diseño, no el precio; vuelve en {q}."},
	},
	"it": {
		[]string{"Sollecitare il preventivo", "Inviare il contratto", "Richiamare per il rinnovo",
			"Verificare fattura {n}", "Preparare riunione {q}", "Spedire campioni, urgente",
			"Confermare la consegna {n}", "È possibile anticipare l'ordine?"},
		[]string{"Disponibile solo al mattino, perché poi è in cantiere.",
			"Ha chiesto uno sconto, \"come l'anno scorso\".", "Città di consegna da definire, ordine {n}.",
			"Già cliente; la qualità è più importante del prezzo."},
	},
	"pl": {
		[]string{"Wysłać umowę", "Przypomnieć o ofercie", "Zadzwonić w sprawie przedłużenia", "Sprawdzić fakturę {n}",
			"Przygotować spotkanie {q}", "Potwierdzić dostawę {n}",
			"Odpowiedzieć na reklamację, pilne", "Wysłać próbki"},
		[]string{"Najlepiej dzwonić po południu, nie w piątek.", "Klient pyta o rabat, \"jak zwykle\".",
			"Źródło: targi; proszę dołączyć cennik.", "Łączna ilość sztuk: {n}, reszta w {q}."},
	},
	"no": {
		[]string{"Følge opp tilbud", "Sende kontrakt", "Ringe om fornyelse", "Kontrollere faktura {n}",
			"Förbereda möte {q}", "Bekräfta leverans {n}", "Svare på reklamasjon, haster",
			"Skicka prøver"},
		[]string{"Treffes best før lunsj, ellers på e-post.", "Ber om rabatt, \"som i fjor\".",
			"Återkommer efter semestern, troligen i {q}.", "Størrelse og farge må avklares for ordre {n}."},
	},
	"nl": {
		[]string{"Offerte opvolgen", "Contract versturen", "Terugbellen over verlenging", "Factuur {n} controleren",
			"Kwartaalgesprek {q} voorbereiden", "Levering {n} bevestigen",
			"Klacht beantwoorden, spoed", "Monsters opsturen"},
		[]string{"Liever per e-mail, niet op maandag.", "Vroeg om korting, \"net als vorig jaar\".",
			"Categorieën en maten volgen, zie order {n}.", "Beslissing pas in {q}, dus geduld."},
	},
	"pt": {
		[]string{"Acompanhar orçamento", "Enviar contrato", "Ligar sobre a renovação", "Verificar fatura {n}",
			"Preparar reunião do {q}", "Confirmar expedição {n}",
			"Responder à reclamação, urgente", "Enviar amostras"},
		[]string{"Atende só de manhã, não às sextas.", "Pediu desconto, \"como no ano passado\".",
			"Condições e prazos por definir, encomenda {n}.", "Decisão prevista para {q}; há concorrência."},
	},
	"cs": {
		[]string{"Připomenout nabídku", "Poslat smlouvu", "Zavolat kvůli prodloužení", "Zkontrolovat fakturu {n}",
			"Připravit schůzku {q}", "Potvrdit dodávku {n}",
			"Odpovědět na reklamaci, spěchá", "Zaslat vzorky"},
		[]string{"Nejlépe odpoledne, ne v pátek.", "Chce slevu, \"jako vždy\".",
			"Rozměry a množství upřesní, objednávka {n}.", "Rozhodnutí až v {q}; čeká na šéfa."},
	},
	"tr": {
		[]string{"Teklifi takip et", "Sözleşmeyi gönder", "Yenileme için ara", "Fatura {n} kontrol edilecek",
			"{q} toplantısını hazırla", "Teslimatı onayla, sipariş {n}",
			"Şikâyeti yanıtla", "Numune gönder"},
		[]string{"Öğleden sonra aranmalı, cuma hariç.", "İndirim istedi, \"geçen yılki gibi\".",
			"Ölçüler ve renk bekleniyor, sipariş {n}.", "Karar {q} içinde çıkacak; ısrar etme."},
	},
	"vi": {
		[]string{"Gửi hợp đồng", "Theo dõi báo giá", "Gọi lại về gia hạn", "Kiểm tra hóa đơn {n}", "Chuẩn bị họp {q}",
			"Xác nhận giao hàng {n}"},
		[]string{"Gọi buổi chiều, trừ thứ sáu.", "Khách hỏi giảm giá, \"như năm ngoái\".",
			"Kích thước và màu sắc chưa rõ, đơn {n}."},
	},
}

// traps are notes that a spreadsheet would run as a formula, or that careless code would trim or
// split.
var traps = []string{
	"=SUM(B2:B9) from the quote sheet", "-10 % if signed this week", "@sales: who takes this one?",
	"+49 30 23125 014 (direct line)", "'Tis the third reminder",
	"Said \"yes\", then \"no\", then \"maybe\"", "a;b;c\td", "100 %, i.e. everything\\everyone", "-- no further notes --",
}

var (
	dealTitles = list("Rahmenvertrag Logistik, Licence renewal, Modernisation de l'atelier, Ampliación de planta, " +
		"Ordine macchinari, Dostawa opakowań, Ramavtal verktyg," +
		"Raamcontract bloemen, Fornecimento de cortiça, Modernizace linky, Kumaş tedariki, Cà phê xuất khẩu, Wartung " +
		"24/7, Pilot project, Audit énergétique," +
		"Renovación de flota, Nuovo impianto, Serwis maszyn, Leveranse av papir, Onderhoud kassen")
	eventTitles = list("Hausmesse, Spring conference, Salon professionnel, Feria de muestras, Fiera del mobile, " +
		"Targi branżowe, Kundträff, Open dag, Feira do livro, Veletrh strojů," +
		"Tekstil fuarı, Hội chợ thủy sản, Werksführung, Product webinar, Petit déjeuner client, Jornada técnica, Cena " +
		"aziendale, Szkolenie, Fagdag, Relatiedag")
)
