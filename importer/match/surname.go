package match

import "strings"

// surnames are common family names, folded: one of them is no slip of the pen for another. Written
// from general knowledge of European and American usage.
var surnames = set(strings.Fields(`
abbott adams aguilar albrecht alexander allen alonso alvarado alvarez andersen anderson andersson andrews armstrong arnold ashton atkinson austin bailey baker baldwin ball barbieri barker barnes barnett barrett
barry bartels barton bates bauer baumann baxter beck becker bell bennett benson berg berger bergmann bernard bertrand bianchi bishop black blake blanc blanco bond bonnet boucher bowen bowman boyd bradley brandt
braun brennan brewer brooks brown browne bruno bryant buchanan burgess burke burns burton busch bush butler byrne cabrera caldwell cameron campbell campos cano carlson carpenter carr carroll carter caruso castillo castro
chambers chan chapman chavez chen christensen clark clarke clement cohen cole coleman collins colombo connolly conti contreras cook cooke cooper costa cox crawford cross cruz cunningham curtis dalton daniels davidson davies
davis dawson day dean delgado dennis diaz dietrich dixon dominguez doyle dubois duffy dumas duncan dunn dupont durand edwards elliott ellis engel ernst esposito evans faber farrell faure ferguson fernandez ferrari ferreira
fiedler field fields fischer fisher fitzgerald fleming fletcher flores flynn fontana ford foster fournier fowler fox francis frank franke fraser freeman friedrich fuchs fuentes fuller gallagher gallo garcia gardner garner
garrett gauthier george gerard gibbs gibson gilbert gill girard giordano glover gomes gomez gonzalez goodman goodwin gordon graf graham grant graves gray green greene gregory griffin griffith gross guerin guerra guerrero
gunther gutierrez guzman haas hahn hale hall hamilton hammond hansen hanson harding hardy harper harris harrison hart hartmann harvey hawkins hayes hein heinrich henderson henry herman herrera herrmann hicks higgins hill
hoffman hoffmann hofmann holland holmes holt hopkins horn horton howard howe howell huber hudson hughes hunt hunter hussain ibarra ingram jackson jacobs jacobsen jaeger jager james jansen jansson jenkins jennings jensen jimenez
johansson johnson johnston jones jordan joseph jung kaiser kaminski kaufmann kaur keller kelley kelly kennedy kern khan kim king klein knight koch koenig kohler konig kowalczyk kowalski kramer kraus krause krueger kruger kuhn
kumar lambert lang lange larsen larson larsson lawrence lawson lee lefebvre lehmann leon leroy lewandowski lewis lin lindberg little liu lloyd lombardi long lopez lorenz lowe lucas ludwig lynch macdonald maier mann marchetti
marin marino marsh marshall martin martinez martini mason matthews maurer may mayer mccarthy mccoy mcdonald mckenzie mclaughlin medina meier mendez mendoza mercier meyer miller mills mitchell molina moller montgomery moore
morales moreau morel moreno moretti morgan morris morrison moser mueller muller munoz murphy murray myers navarro nelson neumann newman newton nguyen nichols nicholson nicolas nielsen nilsson norris novak nowak nunez o'brien
obrien oconnor odonnell oliver olsen olson ortega ortiz osborne otto owen owens page palmer park parker parsons patel patterson payne pearson pena pereira perez perkins perrin perry persson peters petersen peterson petit
pfeiffer phillips pierce pohl pope porter powell powers pratt price quinn ramirez ramos ray reed reeves reid reilly reyes reynolds ricci rice richards richardson richter riley rios ritter rivera rizzo robert roberts robertson
robinson rodgers rodriguez rogers rojas roman romano romero rosa rose ross rossi roth rousseau roux ruiz russell russo ryan salazar sanchez sanders sandoval santana santiago santoro santos sauer saunders schaefer schafer
schmid schmidt schmitt schmitz schneider scholz schreiber schroder schroeder schubert schulte schultz schulz schulze schumacher schuster schwarz scott seidel serrano shah sharma shaw shelton sherman silva simmons simon
simpson sims singh smith snyder sommer soto spencer stanley stark stein steiner stephens stevens stevenson stewart stokes stone strong suarez sullivan summers sutton svensson swanson sweeney szymanski taylor thomas thompson
thomsen thomson thornton todd torres tran tucker turner tyler vargas vasquez vazquez vega vidal villa vincent vogel vogt voigt wagner walker wallace walsh walter walters wang ward warner warren washington watkins watson watts
weaver webb weber webster weiss welch wells werner west wheeler white wiese wilkins wilkinson williams williamson willis wilson winkler winter wolf wolff wong wood woods wright wu wyatt yang young zhang ziegler zimmer
zimmermann`)...)
