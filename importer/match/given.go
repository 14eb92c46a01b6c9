package match

import "strings"

// givenNames are common given names, folded: two of them that differ are two people, however alike
// they look. Written from general knowledge of European and American usage; it lists above all
// those that resemble another.
var givenNames = set(strings.Fields(`
adam adele adrian adriana agata agnes agnieszka alan alana albert alberta albrecht alejandra alejandro aleksander aleksandra alena alex alexander alexandra alexandre alexandrine
alexis alfred alfredo alice alicia alina alisa alison allan allen alma amalia amanda amelia amelie ana anders andre andrea andreas andree andrei andrej andres andrew andrzej andy
angela angelica angelika angelina angelo anika anita anja anke ann anna annabel anne annette annika anton antonia antonie antonin antonio arne arno arnold arthur arturo astrid august
augusta augustin axel barbara barbora bastian beata beate beatrice beatrix ben benedict benedikt benjamin bernard bernardo bernd bernhard bertha bianca bill birgit bjorn bob bogdan
boris brad brandon brenda brian brigitta brigitte britta bruno camilla camille carl carla carlo carlos carlotta carmen carol carola carolin carolina caroline carolyn catalina catarina
catherine cathrin cecile cecilia celina celine charles charlie charlotte chris christa christel christian christiana christiane christina christine christof christoph christophe
christopher clara claire claude claudia claudine claudio clemens colin conrad cornelia cornelius cristian cristiana cristina dagmar dan dana daniel daniela daniele danielle danny daria
dario david davide dawid debora deborah denis denise dennis diana diane didier diego dieter dirk dominic dominik dominika dominique donald donna dora doris dorota dorothea dorothee
eberhard edda edgar edith edmond edmund eduard eduardo edward edwin ekaterina elena eleonora eleonore elisa elisabeth elise elizabeth elke ella ellen elsa emil emilia emilie emilio emily
emma emmanuel eric erica erich erik erika ernest ernesto ernst erwin esther eugen eugene eva evelin evelina eveline evelyn ewa fabian fabien fabio fabrice fatima federica federico
felicia felicitas felix ferdinand fernanda fernando filip filippo fiona florence florian frances francesca francesco francine francis francisca francisco franciszek franco francois
francoise frank franka franz franziska fred frederic frederick frederik frieda friedrich fritz gabriel gabriela gabriele gabriella gabrielle gary georg george georges georgia georgina
gerald geraldine gerard gerda gerhard gert gertrud gianluca gina giorgio giovanna giovanni gisela giulia giuliana giuliano giulio giuseppe gloria grace grazyna greg gregor gregory
greta guido guillaume gunter gunther gustav hanna hannah hannelore hannes hans harald harold harry hartmut heather hedwig heide heidi heike heiko heiner heinrich heinz helen helena
helene helga helmut henri henriette henrik henrike henry herbert hermann hilda hilde holger horst hubert hugo ian ida igor ilona ilse ines inga inge ingeborg ingo ingrid irena irene
irina iris irma isaac isabel isabella isabelle ivan ivana iwona jack jacek jack jacob jacqueline jacques jaime jakob jakub james jan jana jane janet janina janine janusz jaroslav
jaroslaw jason jasmin jasmine javier jean jeanne jeannette jeff jeffrey jennifer jenny jens jeremy jerome jerzy jesper jessica jim joachim joan joana joanna joannes joao jochen joe
joel joerg johan johann johanna johannes john jolanta jon jonas jonathan jorg jorge jose josef josefa josefine joseph josephine joshua juan juana judith judy jule jules julia julian
juliana juliane julie julien juliette julio julius juri justin justina justyna jutta kai karel karen karin karina karl karla karol karolin karolina karoline kaspar katarina katarzyna
kate katharina katherine kathleen kathrin kathy katia katja katrin kay keith kelly ken kenneth kerstin kevin kim kirsten klara klaus klemens konrad konstantin kornelia krista kristian
kristin kristina kristine krystyna krzysztof kurt lara larissa lars laura laure laurence laurent lauren lea leah lena leo leon leona leonard leonardo leonie leonora leonore leopold
lidia liliana lilian lina linda linus lisa lise lorena lorenz lorenzo lothar lou louis louisa louise luc luca lucas lucia lucian luciana luciano lucie lucien lucy ludwig luigi luis
luisa luise lukas lukasz lutz lydia madeleine magda magdalena maike malgorzata manfred manuel manuela marc marcel marcela marcelo marcello marcin marco marcos marcus mareike maren
margaret margareta margarete margarethe margarita margit margot margrit maria mariana mariane marianna marianne marie marietta marija marika marina mario marion marisa marius mark
marko markus marlene marta marten martha martin martina martine marvin mary maryam massimo mateusz mathias mathieu mathilda mathilde matilda matilde matteo matthew matthias matthieu
maurice mauricio maurizio max maximilian maxime maya meike melanie melissa mercedes michael michaela michal michel michela michele michelle miguel mihai mike mikael milan milena miriam
miroslav mirko moira mona monica monika monique moritz nadia nadine nadja nancy natalia natalie natasha nathalie nathan nicholas nick nicola nicolai nicolas nicole nicolaus niels
nikolai nikolaus nils nina noah nora norbert norman odile olaf ole oleg olga oliver olivia olivier oscar oskar oswald otto pablo pamela paola paolo pascal pascale patric patrice
patricia patricio patrick patrizia patryk paul paula paulina pauline paulo pavel pawel pedro per peter petr petra philip philipp philippa philippe phillip pia pierre piet pieter
pietro piotr rachel rafael rafaela rainer ralf ralph ramon ramona raphael raquel raul raymond rebecca regina regine reiner reinhard reinhold renata renate rene renee ricarda ricardo
riccardo richard rita robert roberta roberto robin rocio roger roland rolf roman romana romina ron ronald rosa rosalie rosemarie rosemary rosina roswitha roy rudolf rudiger ruben rupert
ruth ryan sabina sabine sabrina sally salvador salvatore sam samantha samuel sandra sandrine sandro sara sarah sascha scott sean sebastian sebastien selina serena serge sergei sergio
severin severine sharon siegfried sigrid silke silva silvia silvio simon simona simone sofia sofie sonia sonja sophia sophie stanislav stanislaw stefan stefania stefanie stefano
steffen steffi stella stephan stephane stephanie stephen steve steven stuart sue susan susana susann susanna susanne suzanne sven sylvain sylvia sylvie tamara tania tanja tatiana tatjana
ted teresa terry thea theo theodor theodora theodore theresa therese thierry thomas thorsten tilman tim timo timothy tina tobias tom tomas tomasz tony torsten toralf tristan udo ulf
ulrich ulrica ulrike ursula ute uwe valentin valentina valentino valentine valeria valerie vanessa vera verena veronica veronika veronique victor victoria viktor viktoria vincent
vincente vincenzo viola violeta violetta virginia virginie vitali vito vladimir volker waltraud walter waltraut wanda wendy werner wilfried wilhelm wilhelmina wilhelmine will william willi
willy winfried wojciech wolf wolfgang xavier yann yannick yasmin yolanda yves yvette yvonne zbigniew zdenek zofia zoe zuzana
lee leah lea leila lila layla ashley ashlee ashleigh bailey bailee hayley haley kayla kaylee kylie kyle darcy darcie archie riley rylee madison maddison tyson taylor tyler jordan jaden jayden hunter harley charlotte
anh binh bich chau chi cuong dai dan dao diep dinh dong dung duong giang ha hai han hang hanh hao hien hieu hoa hoang hong hue hung huong huy khanh kien lan lanh linh loan long mai minh my nam nga ngan ngoc nguyet nhi nhung phuc phuong quan quang quoc quy quyen quynh son tam tan thanh thao thi thu thuy tien toan trang tri trinh trung tuan tung tuyet van viet vinh vu xuan yen
wei wen fei fang jing jun jie hui hua hong hao gang feng bin bo chao chen cheng dan dong hai han jian jiang kai lei lin ling mei min ming na nan ning peng ping qiang qing rong rui shan shu tao ting wei xia xiang xin xiu yan yang yi ying yong yu yuan yue yun zhen zhi zhong
aisha amina fatma hassan hussein ibrahim khalid mahmoud mariam mohamed mohammed mustafa omar osman salma samir yusuf zainab
amit anil anita anjali arjun ashok deepa deepak ganesh kavita kiran lakshmi manoj meena mohan nisha pooja priya rahul raj rajesh rakesh ravi rekha rohit sanjay sunil sunita suresh vijay vikram vinod`)...)
