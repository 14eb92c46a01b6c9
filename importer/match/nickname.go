package match

import "strings"

// nicknames gives, for each short or familiar form of a given name, the names it stands for.
// Written from general knowledge of usage in the languages named beside the lines; a form may stand
// for several names.
var nicknames = nicknameTable(`
# English
abigail: abby abbie gail
abraham: abe bram
adelaide: addie adie della
agnes: aggie nessie
albert: al bert bertie
alexander: alec alex alexa lex sandy sasha xander zander
alexandra: alex alexa lexi lexie sandra sandy sasha
alfred: al alf alfie fred freddie
alice: allie ally
alison: allie ally ali
allan: al
amanda: mandy manda amy
amelia: amy millie mel
andrew: andy drew
andrea: andi andie drea
angela: angie ange
ann: annie nan nancy
anna: annie ann
anne: annie nan
anthony: tony ant
antoinette: toni tony nettie
antonia: toni
archibald: archie
arnold: arnie
arthur: art artie
barbara: barb barbie babs bobbie
bartholomew: bart
beatrice: bea trixie trish
benjamin: ben benji benny
bernard: bernie barney
bernadette: bernie
bertha: bertie
bradley: brad
brandon: brand
bridget: bridie biddy
brenda: brandy
bryan: brian
caroline: carrie carol lynn
carolyn: carrie carol lynn
cassandra: cass cassie sandra
catherine: cathy cath cat kate katie kathy kit kitty
cecilia: cissy celia
charles: charlie chas chuck chip
charlotte: charlie lottie lotte
chester: chet
christian: chris
christina: chris chrissy tina christy
christine: chris chrissy tina christy
christopher: chris kit topher
clarence: clare
clifford: cliff
clinton: clint
constance: connie
cornelius: neil corny
curtis: curt
cynthia: cindy
daniel: dan danny
danielle: dani
david: dave davey
deborah: deb debbie debby debra
debra: deb debbie debby
delbert: del bert
dennis: denny
dominic: dom nick
donald: don donnie donny
dorothy: dot dottie dolly dortha
douglas: doug
edgar: ed eddie
edith: edie
edmund: ed eddie ted
edward: ed eddie ned ted teddy
edwin: ed eddie
eleanor: ellie nell nellie nora
elizabeth: bess beth betsy betty eliza elsie libby lisa liz lizzie liza lizzy
ellen: ellie nell nellie
emily: emmy em
emma: em emmy
emmanuel: manny
ernest: ernie
esther: essie
eugene: gene
evelyn: evie eve lynn
ezekiel: zeke
ferdinand: ferdie
florence: flo florrie
frances: fran frannie francie
francis: frank fran
franklin: frank
frederick: fred freddie freddy fritz
gabriel: gabe
gabrielle: gabby
gareth: gary
genevieve: jenny gen
geoffrey: geoff jeff
george: georgie
gerald: gerry jerry
geraldine: gerry
gerard: gerry
gertrude: gertie trudy
gilbert: gil bert
gregory: greg gregg
gwendolyn: gwen
harold: hal harry
harriet: hattie
harrison: harry
helen: nell nellie ellie
henrietta: hetty etta
henry: hank harry hal
herbert: herb bert
howard: howie
hubert: hugh bert
irving: irv
isaac: ike
isabel: bella izzy
isabella: bella izzy isabel
isidore: izzy
jacob: jake jay
jacqueline: jackie jacqui
james: jamie jay jim jimmie jimmy
jane: janie jenny
janet: jan
jason: jay
jeffrey: jeff
jennifer: jen jenn jennie jenny
jeremiah: jerry
jeremy: jem jerry
jerome: jerry
jessica: jess jessie
joan: joanie
joanna: jo
joanne: jo
john: jack johnnie johnny jonnie jon
jonathan: jon jonny johnny
joseph: joe joey jo
josephine: jo josie
joshua: josh
judith: judy
judy: judith
julia: julie
julian: jule
katherine: kate kathy katie kay kit kitty kathie
kathleen: kate kathy katie kay
kathryn: kate kathy katie kay
kenneth: ken kenny
kimberly: kim
kristina: kris krissy tina
kristine: kris tina
kristin: kris
kristopher: kris
laura: laurie lori
laurence: larry laurie
lawrence: larry laurie lawrie
leonard: len lenny leo
leopold: leo
leroy: roy lee
leslie: les
lewis: lew lou
lillian: lil lilly lily
lillie: lily
linda: lindy lin
louis: lou louie
louise: lou
lucille: lucy
lucinda: lucy cindy
madeline: maddie maddy
magdalena: lena maggie
malcolm: mal
marcus: mark marc
margaret: daisy greta madge maggie marge margie maggy meg megan meggie peg peggy rita
margery: marge margie
marion: mary
marjorie: marge margie margy
marshall: marsh
martha: marty mattie patty
martin: marty
marvin: marv
mary: mamie molly polly may
matilda: mattie tilda tillie
matthew: matt
maurice: morrie mo
maximilian: max
maxwell: max
melanie: mel
melissa: mel missy lissa
melvin: mel
michael: mick mickey micky mike mikey mitch
michelle: shelly mickey
mildred: millie
mitchell: mitch
mohammed: mo
morris: morrie
nancy: nan
natalie: nat nattie
nathan: nat nate
nathaniel: nat nate nathan
nicholas: nick nicky nico klaus
nicole: nicky nikki
norbert: bert
norman: norm
oliver: ollie
olivia: liv livvy
oscar: ozzy
oswald: oz ozzie
pamela: pam
patricia: pat patsy patty tricia trish patti
patrick: pat paddy
paula: polly
pauline: polly paula
penelope: penny
peter: pete
philip: phil pip
phillip: phil pip
phyllis: phil
priscilla: cilla
prudence: prue
rachel: rae shelly
ralph: rafe
randall: randy
randolph: randy
raymond: ray
rebecca: becca becky
reginald: reg reggie
rhonda: ronnie
richard: dick dickie rich richie rick ricky
robert: bob bobbie bobby rob robbie robby bert
roberta: bobbie robbie berta
roderick: rod
rodney: rod
roger: rodge
roland: rollie
ronald: ron ronnie ronny
rosalind: roz
rosemary: rose rosie
roxanne: roxy
rudolph: rudy
russell: russ rusty
ruth: ruthie
samantha: sam sammy
samuel: sam sammy
sandra: sandy
sarah: sally sadie
seymour: cy
shannon: shan
sharon: shari sherry
sheila: shelly
sidney: sid
silvester: sly
solomon: sol
sophia: sophie
stanley: stan
stephanie: steph steffi
stephen: steve stevie
steven: steve stevie
stuart: stu
susan: sue susie suzy
susannah: sue susie
suzanne: sue suzy
sylvester: sly
sylvia: syl
tabitha: tabby
tamara: tammy
teresa: terri terry tess tracy
terence: terry
terrence: terry
theodore: ted teddy theo
theresa: terri terry tess
thomas: tom tommy thom
timothy: tim timmy
tobias: toby
tracey: trace
valerie: val
vanessa: nessa
veronica: ronnie vera
victor: vic
victoria: vicki vicky tori vickie
vincent: vin vince vinny
viola: vi
virginia: ginger ginny
vivian: viv
walter: wally walt
wendell: dell
wesley: wes
wilbur: will
wilfred: fred wilf will
wilhelmina: mina minnie willa
willard: will
william: bill billie billy liam will willie willy
winifred: winnie freddie
winston: winnie
zachary: zach zack zac
zachariah: zach zack
# German
adelheid: heidi
alexander: sascha
alexandra: sascha
andreas: andi andy
angelika: geli angie
anton: toni
antje: anna
bernhard: bernd berni
bernd: berni
brigitte: gitte gitta
christoph: chris stoffel
dieter: didi
dietrich: dieter dirk
dorothea: dora thea dorle
eberhard: ebi hardy
elfriede: elfi friedel
elisabeth: elli lisa lisbeth liesel lilli elsbeth else ilse sissi betti bettina
ferdinand: ferdl
franz: franzl
franziska: franzi fanny sissi
friedrich: fritz friedel
gabriele: gabi gaby
georg: schorsch jorg
gerhard: gerd gert
gertrud: trude gerti traudl
gottfried: friedel
gunther: gunni
hannelore: hanne lore
heinrich: heinz heiner henner hein
helene: leni lena hella
hermann: manni
hildegard: hilde
ingeborg: inge
jakob: jockel
joachim: jochen achim
johann: hans hannes
johanna: hanna hanne
johannes: hannes hans jo johann
josef: sepp jupp pepi beppo
jurgen: jurgi
karl: kalle
karolina: lina
katharina: kathi kati kathrin katrin katja käthe kate
klaus: niklas
konrad: conny kurt
leonhard: leo hartl
ludwig: lutz wiggerl
magdalena: lena leni magda
manfred: manni manne fred
margarete: grete gretel gretchen margit marga
maria: mia mitzi
mathias: hias
matthias: hias matze mats
maximilian: maxi
michael: michi michel
monika: moni
nikolaus: klaus niklas nico
otto: otti
petra: petzi
reinhard: hardy reini
roswitha: rosi
rosemarie: rosi
rudolf: rudi rolf
sebastian: basti bastian wastl
siegfried: sigi siggi
stefan: steff steffen
stefanie: steffi
stephan: steffen
susanne: susi sanne
theresia: resi
therese: resi
thomas: tommi
ulrich: uli ulli
ulrike: uli ulli rike
ursula: uschi ursel ulla
volker: volki
waltraud: traudl
werner: werni
wilhelm: willi willy wim helmi
wilhelmine: minna
wolfgang: wolf wolfi wolle
# French
alexandre: alex
benoit: ben
catherine: cathy kathy
christophe: chris
dominique: dom domi
emmanuelle: manu
emmanuel: manu
francois: fanfan
frederic: fred
gabrielle: gaby
genevieve: ginette
guillaume: guigui
jacqueline: jacotte
laurence: lolo
marguerite: margot
mathieu: mat
nicolas: nico
philippe: phil
sebastien: seb
stephane: steph
stephanie: steph
valerie: val
veronique: vero
# Spanish and Portuguese
alberto: beto
alejandro: ale alex
alejandra: ale
antonio: tono tony toni
beatriz: bea
carlos: carlitos
carmen: carmina
concepcion: concha conchita
consuelo: chelo
cristobal: tobal
dolores: lola
eduardo: edu lalo
enrique: kike quique
ernesto: neto
fernando: fer nando
francisca: paca paquita
francisco: curro francis pancho paco paquito chico
gabriel: gabi
guadalupe: lupe lupita
guillermo: guille memo
gregorio: goyo
hortensia: tencha
ignacio: nacho
isabel: isa chabela
jesus: chus chuy
joaquin: quino
jorge: coque
jose: chepe pepe pepito ze
josefa: pepa pepita
josefina: pepa
juan: juanito
leonardo: leo
leticia: leti
lourdes: lulu
luis: lucho luisito
manuel: manolo manu manny manel
manuela: manoli
margarita: marga
mercedes: merche
miguel: migue
montserrat: montse
pilar: pili
rafael: rafa
ramon: moncho
ricardo: ricky
roberto: beto tito
rosario: charo
salvador: salva chava
santiago: santi
sebastian: seba
sergio: checo
soledad: sole
teresa: tere
vicente: chente
victoria: vicky
# Italian
alessandro: ale sandro
alessandra: ale sandra
antonio: totò nino tonio
domenico: mimmo
emanuele: lele
federica: fede
federico: fede
filippo: pippo
francesca: checca fra
francesco: ciccio fra franco checco
gabriele: lele
giovanni: gianni vanni nanni
giovanna: gianna vanna
giuseppe: beppe peppe pino peppino beppino
giuseppina: pina
lorenzo: renzo
luigi: gigi gino
michele: lele
roberto: roby
salvatore: totò turi
vincenzo: enzo
# Dutch and Nordic
adrianus: ad adri
cornelis: kees cor
gerardus: gerard gerrit
hendrik: henk rik
jacobus: jaap koos ko
johannes: joop
maria: mia mieke
petrus: piet
wilhelmus: wim
lars: lasse
anders: andy
bjorn: nalle
gunnar: nunne
karin: kajsa
margareta: greta maggan
niels: nisse
# Polish and Czech
agnieszka: aga
aleksander: alek olek
aleksandra: ola
andrzej: jedrek
barbara: basia
bartlomiej: bartek
boguslaw: bogdan
elzbieta: ela
ewa: ewka
franciszek: franek
grzegorz: grzesiek
jakub: kuba
jan: janek jasiek honza
jaroslav: jarda
jiri: jirka
joanna: asia
jozef: jozek pepa
katarzyna: kasia
krzysztof: krzysiek
lukasz: luki
magdalena: magda
malgorzata: gosia
marek: mareczek
maria: marysia
mateusz: mati
michal: misiek
pavel: pavlik
piotr: piotrek
stanislaw: staszek stach
tomasz: tomek
vaclav: vasek venca
wojciech: wojtek
zofia: zosia
zdenek: zdena
# Greek, as it is written in Latin letters
dimitrios: dimitris mitsos
ekaterini: katerina
georgios: giorgos yorgos
ioannis: giannis yannis
konstantinos: kostas kostis dinos
nikolaos: nikos
panagiotis: panos
athanasios: thanasis
# Russian, as it is written in Latin letters
aleksandr: sasha sascha shura
aleksei: alyosha lyosha
alexei: alyosha lyosha
anastasia: nastya
andrei: andryusha
boris: borya
dmitri: dima mitya
dmitry: dima mitya
ekaterina: katya
elena: lena
evgeny: zhenya
evgenia: zhenya
grigori: grisha
ivan: vanya
konstantin: kostya
lyudmila: lyuda mila
maria: masha
mikhail: misha
nadezhda: nadya
natalia: natasha
nikolai: kolya
olga: olya
pavel: pasha
sergei: seryozha
svetlana: sveta
tatiana: tanya
vladimir: volodya vova
yelena: lena
yuri: yura
`)

// nicknameTable reads "name: form form …" lines.
func nicknameTable(lines string) map[string][]string {
	table := map[string][]string{}
	for _, line := range strings.Split(lines, "\n") {
		name, short, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		for _, s := range strings.Fields(fold(short, false)) {
			table[s] = append(table[s], name)
		}
	}
	return table
}
