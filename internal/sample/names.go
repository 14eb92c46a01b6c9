package main

// cultures are the peoples of the directory; the weights add up to 100.
var cultures = []culture{
	{
		code: "de", weight: 18, titlesOfAddress: [2]string{"Frau", "Herr"},
		women: list("Anna, Lena, Katrin, Sabine, Ursula, Heike, Birgit, Jutta, Käthe, Franziska, Ingeborg, Anneliese, " +
			"Gudrun, Renate, Martha"),
		men: list("Hans, Jürgen, Klaus, Günter, Wolfgang, Matthias, Björn, Friedrich, Dieter, Hans-Peter, Sebastian, " +
			"Jörg, Rainer, Ulrich, Martin"),
		surnames: list("Müller, Schröder, Krämer, Brandt, Vogelsang, Hoffmann, Böhm, Weiß, Kühn, Lindemann, Sauerbier, " +
			"Köhler, Zimmermann, Hübner," +
			"Ackermann, Brandenburg, Schäfer, von Bülow, Eichinger, Großmann, Kirchhoff, Löwenstein, Rosenkranz, " +
			"Steinbrück, Wiedemann," +
			"Tiedemann, Achterberg, Günther, Pfeiffer, Ottenheimer, Dünnebier, Mühlbauer, Jäger, Förster"),
		rare: list("Trautmannsdorff, Wackernagel, Zickendraht, Hohenberger, Oberlechner, Silbereisen"),
		trades: list("Logistik, Maschinenbau, Feinmechanik, Elektrotechnik, Bauplanung, Werkzeuge, Verlag, Gartenbau, " +
			"Messtechnik, Druckerei, Brauerei," +
			"Möbelwerke, Optik, Kältetechnik, Spedition"),
		forms: list("GmbH, AG, KG, GmbH & Co. KG, OHG"),
	},
	{
		code: "en", weight: 17, titlesOfAddress: [2]string{"Ms.", "Mr."},
		women: list("Alice, Margaret, Eleanor, Harriet, Beatrice, Joanna, Philippa, Gwendolyn, Charlotte, Imogen, " +
			"Rosalind, Victoria, Dorothy, Abigail, Tamsin"),
		men: list("Robert, Edward, Geoffrey, Nicholas, Duncan, Theodore, Malcolm, Gregory, Jonathan, Humphrey, " +
			"Leonard, Walter, Christopher, Desmond, Alistair"),
		surnames: list("Fielding, Hargreaves, Whitfield, Thornbury, Ashworth, Pemberton, O'Brien, Blackwood, " +
			"Chamberlain, Fairweather, Goodfellow, Hathaway," +
			"Kensington, Longbottom, Merriweather, Nightingale, Okehampton, Prendergast, Quigley, Ravenscroft, " +
			"Silverstone, Trelawney, Underhill," +
			"Wainwright, Yarborough, Bickerstaff, Cavendish, Drinkwater, Everleigh, Farnsworth, Gillespie, Mackintosh, " +
			"Buchanan"),
		rare: list("Winterbourne, Thistlewood, Featherstonehaugh, Oglethorpe, Kingsnorth, Marchbanks"),
		trades: list("Freight, Engineering, Instruments, Publishing, Joinery, Catering, Analytics, Surveyors, Textiles, " +
			"Marine, Brewing, Stationers," +
			"Electrical, Ceramics, Software"),
		forms: list("Ltd, Limited, LLC, Inc., plc, LLP"),
	},
	{
		code: "fr", weight: 12, tradeFirst: true, titlesOfAddress: [2]string{"Mme", ""},
		women: list("Amélie, Béatrice, Chloé, Delphine, Élodie, Geneviève, Hélène, Juliette, Mathilde, Océane, Solène, " +
			"Véronique, Camille, Sylvie"),
		men: list("Antoine, Bastien, Cédric, Étienne, François, Guillaume, Jean-Luc, Laurent, Olivier, Pascal, Rémi, " +
			"Thibault, Xavier, Jérôme"),
		surnames: list("Moreau, Lefèvre, Beauchamp, Charpentier, Delacroix, Fontaine, Gauthier, Hébrard, Jacquemin, " +
			"Kerviel, Lamoureux, Montagne," +
			"Noël, Pelletier, Quesnel, Rousselet, Saint-Clair, Thévenot, Vasseur, Bourguignon, Deschamps, Garnier, " +
			"Léveillé, Marchand, Perrault," +
			"Tessier, Villeneuve, Archambault, Bélanger, Chevalier"),
		rare: list("Taillandier, Rochechouart, Grandmaison, Vermandois, Peyrefitte, Kerguelen"),
		trades: list("Ateliers, Transports, Menuiserie, Imprimerie, Vignobles, Conserverie, Pépinières, Boulangerie, " +
			"Fonderie, Éditions, Chaudronnerie," +
			"Horlogerie, Savonnerie, Cartonnages"),
		forms: list("SARL, SAS, S.A., EURL"),
	},
	{
		code: "es", weight: 9, tradeFirst: true,
		women: list("Almudena, Begoña, Carmen, Dolores, Esperanza, Graciela, Inés, Jimena, Lucía, Montserrat, Pilar, " +
			"Rocío, Soledad, Ximena"),
		men: list("Álvaro, Bernardo, Diego, Esteban, Fernando, Gonzalo, Íñigo, Joaquín, Leandro, Mauricio, Nicolás, " +
			"Óscar, Rodrigo, Tomás"),
		surnames: list("Olivares, Castellanos, Domínguez, Echeverría, Figueroa, García Morales, Hinojosa, Ibáñez, " +
			"Jiménez, Larrañaga, Mendizábal," +
			"Navarrete, Ordóñez, Peñalver, Quintanilla, Rebolledo, Sepúlveda, Torrealba, Urdaneta, Valdivieso, Yáñez, " +
			"Zorrilla, Bustamante," +
			"Carrasco, Escribano, Fuentes Rubio, Guzmán, Herrero, Villanueva"),
		rare: list("Arizmendi, Covarrubias, Goicoechea, Salvatierra, Villavicencio"),
		trades: list("Cerámicas, Bodegas, Transportes, Conservas, Talleres, Viveros, Suministros, Instalaciones, " +
			"Hilaturas, Maderas, Gráficas, Aceites"),
		forms: list("S.L., S.A., S.L.U."),
	},
	{
		code: "it", weight: 8, tradeFirst: true,
		women: list("Alessia, Benedetta, Chiara, Donatella, Eleonora, Federica, Giulia, Ilaria, Loredana, Margherita, " +
			"Nicoletta, Ornella, Rossella, Silvana"),
		men: list("Alberto, Bruno, Corrado, Davide, Emanuele, Fabrizio, Giacomo, Leonardo, Massimo, Niccolò, Ottavio, " +
			"Pierluigi, Raffaele, Umberto"),
		surnames: list("Bianchini, Caruso, De Santis, Esposito, Ferraresi, Guarnieri, Iannucci, Lombardo, Montanari, " +
			"Nardelli, Orlandini, Pellicani," +
			"Quattrocchi, Rinaldini, Santoro, Tagliabue, Ungaretti, Vanzetti, Zanetti, Brambilla, Cavallaro, D'Angelo, " +
			"Fontanelli, Giordano, Marchetti," +
			"Passalacqua, Scarlatti, Trevisan"),
		rare: list("Boncompagni, Castiglione, Malaspina, Serristori, Guicciardini"),
		trades: list("Officine, Cantine, Trasporti, Tipografia, Pastificio, Vetrerie, Concerie, Mobilificio, Tessitura, " +
			"Oleificio, Fonderie, Marmi"),
		forms: list("S.r.l., S.p.A., S.n.c."),
	},
	{
		code: "pl", weight: 7, tradeFirst: true,
		women: list("Agnieszka, Bożena, Danuta, Elżbieta, Grażyna, Halina, Jadwiga, Katarzyna, Małgorzata, Renata, " +
			"Stanisława, Urszula"),
		men: list("Andrzej, Bartłomiej, Czesław, Dariusz, Grzegorz, Kazimierz, Łukasz, Mieczysław, Paweł, Radosław, " +
			"Tadeusz, Zbigniew"),
		surnames: list("Nowak, Wójcik, Mazur, Woźniak, Kaczmarek, Zając, Król, Wieczorek, Wróbel, Stępień, Dudek, " +
			"Pawlak, Sikora, Szewczyk, Pietrzak," +
			"Bąk, Włodarczyk, Kubiak, Sobczak, Głowacz, Kołodziej, Gajda, Tomczak, Błaszczyk, Michalak, Szczepaniak, " +
			"Jędrzejczak, Ostrowicz"),
		rare:   list("Brzęczykiewicz, Dzierżoniowicz, Ratajczyk"),
		trades: list("Piekarnia, Drukarnia, Stolarnia, Hurtownia, Odlewnia, Garbarnia, Winnica, Tartak, Cukiernia, Browar"),
		forms:  list("sp. z o.o., S.A., sp. k."),
	},
	{
		code: "no", weight: 7,
		women: list("Åsa, Birgitta, Dagny, Ebba, Freja, Gunilla, Ingrid, Kirsti, Liv, Märta, Ragnhild, Sigrid, Solveig, " +
			"Tuulikki"),
		men: list("Anders, Bjørn, Christer, Eirik, Fredrik, Gösta, Håkon, Jørgen, Kåre, Lasse, Mikkel, Ørjan, Rasmus, " +
			"Torbjörn, Søren"),
		surnames: list("Lindqvist, Bergström, Dahlgren, Ekström, Fjeldstad, Grönlund, Haugland, Ingebrigtsen, " +
			"Jørgensen, Kjærgaard, Lövgren, Mogensen, Nyström," +
			"Östlund, Rønning, Sjöberg, Thorvaldsen, Ulvestad, Vestergaard, Åkesson, Bjerregaard, Christoffersen, " +
			"Engelbrektsson, Falkenberg, Gyllenhaal," +
			"Hämäläinen, Korhonen, Virtanen, Mäkinen"),
		rare: list("Nordenskiöld, Rosenkrantz, Stjernqvist, Wachtmeister, Silfverberg"),
		trades: list("Rederi, Snickeri, Trävaror, Mekaniska, Bryggeri, Fiskeri, Bokförlag, Elektronik, Verktyg, " +
			"Byggeri, Papir, Möbler"),
		forms: list("AB, AS, A/S, ApS, Oy"),
	},
	{
		code: "nl", weight: 6,
		women: list("Annelies, Brechtje, Femke, Geertruida, Hanneke, Jacoba, Liesbeth, Marijke, Saskia, Wilhelmina, " +
			"Roos, Maartje"),
		men: list("Adriaan, Bastiaan, Cornelis, Diederik, Floris, Gijsbert, Hendrik, Joost, Maarten, Pieter, Ruben, " +
			"Willem"),
		surnames: list("van der Meer, de Vries, ten Brink, Bakker, Dijkstra, Hoogeveen, Kuipers, Leeuwenhoek, " +
			"Meulenbelt, Nieuwenhuis, Oosterhout, Postma," +
			"Roodenburg, Schippers, Terpstra, Uittenbogaard, van Dongen, Wassenaar, Zijlstra, Brouwer, Cornelissen, " +
			"Groenewegen, Hendriksen, Kloosterman," +
			"Verhoeven, Wijnbergen, Zonneveld, Steenbergen"),
		rare: list("Schimmelpenninck, Rozendaal, Koningsveld, Blokzijl"),
		trades: list("Scheepsbouw, Bloemen, Transport, Drukwerk, Zuivel, Bouwbedrijf, Techniek, Kwekerij, Uitgeverij, " +
			"Tuinbouw"),
		forms: list("B.V., N.V., V.O.F."),
	},
	{
		code: "pt", weight: 5, tradeFirst: true,
		women: list("Adriana, Beatriz, Catarina, Débora, Fátima, Graça, Isaura, Joana, Leonor, Mafalda, Teresa, Vitória"),
		men:   list("Afonso, Baltasar, Caetano, Duarte, Estêvão, Gonçalo, Henrique, João, Martim, Nuno, Sebastião, Vicente"),
		surnames: list("Albuquerque, Bragança, Cardoso, da Conceição, Esteves, Figueiredo, Guimarães, Henriques, " +
			"Loureiro, Magalhães, Noronha, Pacheco," +
			"Queirós, Rodrigues, Saraiva, Teixeira, Valadares, Vasconcelos, Assunção, Brandão, Coutinho, Falcão, Lacerda, " +
			"Mascarenhas, Nogueira, Peixoto"),
		rare:   list("Sottomayor, Lencastre, Bettencourt, Albergaria"),
		trades: list("Conserveira, Cortiças, Azulejos, Tecelagem, Adega, Padaria, Serralharia, Livraria, Moagem, Estaleiros"),
		forms:  list("Lda., S.A., Unipessoal Lda."),
	},
	{
		code: "cs", weight: 5, tradeFirst: true,
		women: list("Alžběta, Blanka, Dagmar, Eliška, Ivana, Jitka, Květa, Ludmila, Markéta, Růžena, Šárka, Zdeňka"),
		men: list("Bohumil, Čestmír, Dalibor, František, Jaroslav, Kryštof, Luboš, Miloslav, Oldřich, Přemysl, " +
			"Rostislav, Vojtěch"),
		surnames: list("Novák, Dvořák, Černý, Procházka, Kučera, Veselý, Horák, Němec, Pokorný, Hájek, Růžička, Beneš, " +
			"Fiala, Sedláček, Doležal, Zeman," +
			"Kolář, Navrátil, Čermák, Vaněk, Kratochvíl, Holub, Štěpánek, Bláha, Hruška"),
		surnamesWomen: list("Nováková, Dvořáková, Černá, Procházková, Kučerová, Veselá, Horáková, Němcová, Pokorná, " +
			"Hájková, Růžičková, Benešová, Fialová," +
			"Sedláčková, Doležalová, Zemanová, Kolářová, Navrátilová, Čermáková, Vaňková, Kratochvílová, Holubová, " +
			"Štěpánková, Bláhová, Hrušková"),
		trades: list("Pekárna, Sklárna, Tiskárna, Pivovar, Zámečnictví, Truhlářství, Strojírny, Mlékárna, Papírna, " +
			"Zahradnictví"),
		forms: list("s.r.o., a.s., v.o.s."),
	},
	{
		code: "tr", weight: 4,
		women: list("Ayşe, Büşra, Çiğdem, Defne, Elif, Gülşen, Hatice, Nurgül, Özlem, Şebnem, Yasemin, Zübeyde"),
		men:   list("Ahmet, Burak, Cemal, Doğan, Emre, Görkem, Hüseyin, Kerem, Mustafa, Oğuzhan, Süleyman, Yusuf"),
		surnames: list("Yıldız, Öztürk, Çelik, Aydoğan, Demirtaş, Erdoğmuş, Güneş, Karabulut, Kılıçdere, Özdemir, " +
			"Şimşek, Türkmen, Uysal, Yavuz, Bayraktar," +
			"Çakmak, Duman, Gökçe, Koçak, Sarıgül, Taşkıran, Yalçın, Zengin, Kaplan, Akbulut"),
		trades: list("Tekstil, İnşaat, Gıda, Makina, Nakliyat, Kimya, Tarım, Seramik, Matbaa, Orman"),
		forms:  list("A.Ş., Ltd. Şti."),
	},
	{
		code: "vi", weight: 2,
		women:    list("Thị Hoa, Thị Lan, Ngọc Ánh, Thu Hằng, Bích Phượng, Mỹ Duyên, Kim Oanh, Tuyết Nhung"),
		men:      list("Văn Hùng, Đức Thắng, Minh Quân, Quốc Bảo, Hữu Phước, Gia Khánh, Thanh Tùng, Xuân Trường"),
		surnames: list("Nguyễn, Trần, Phạm, Hoàng, Huỳnh, Đặng, Bùi, Vũ, Lương, Dương, Phan, Trịnh"),
		trades:   list("Trading, Seafood, Garment, Furniture, Coffee, Packaging"),
		forms:    list("Co. Ltd., Ltd."),
	},
}

// strangers bear names from peoples that the directory does not have, so that nobody is like them.
var (
	strangerGiven = list("Oluwaseun, Ngozi, Chukwuemeka, Yevhen, Zviad, Tamriko, Xochitl, Huitzilin, Jyrgal, Ayzada, " +
		"Kwabena, Thandiwe, Sibusiso, Zsófia," +
		"Gyöngyvér, Fumiko, Haruki, Yoshiko, Priyanka, Venkatesh, Lakshmi, Ihsan, Zeynab, Wangari, Mzwandile, Uchenna, " +
		"Ekaitz, Itziar, Tjarra, Mihkel")
	strangerSurnames = list("Adébáyò, Okonkwo, Shcherbyna, Kvirikashvili, Quispe, Mamani, Toktogulov, Mbeki, " +
		"Dlamini, Nkrumah, Nagy-Szabó, Fekete, Yamazaki," +
		"Fujiwara, Subramaniam, Chakraborty, Wickramasinghe, Ngcobo, Kimathi, Etxeberria, Zubizarreta, Jürimäe, Pūkite, " +
		"Gjoka, Xhaferi, Iwuchukwu, Odhiambo")
	strangerCompanies = list("Quixote Ornithopters Ltd, Zugspitz Wabenhonig GmbH, Vulkanfiber Hexal AG, Xylofon " +
		"Klubb AB, Yggdrasil Ullvarp AS, Juxtapose Kumquat LLC," +
		"Hymne Obélisque SARL, Zéphyr Nougatine SAS, Gazpacho Ñandú S.L., Jabugo Quetzal S.A., Wyżyna Kwiczoł sp. z " +
		"o.o., Uxbridge Dhow Limited," +
		"Zucchetto Gnocco S.r.l., Ijsvogel Uurwerk B.V., Ghjuvan Pwll Inc., Kvíčala Žlutý Dvůr s.r.o., Iğde Üzüm A.Ş., " +
		"Ouro Xisto Lda., Oxymoron Dybbuk Ltd," +
		"Knäckebröd Uv AB, Quark Jodmolke GmbH, Eukalypt Yacht AG, Wigwam Ojibwe Inc., Ypsilon Fjällripa AB")
)
