package text

// german is what tells in German what a comment says.
var german = vocabulary{
	denials:    `nicht niemandem kein keine keinen keiner keinerlei nie niemals ohne weder kaum keineswegs`,
	absences:   `keinem keines nichts niemand mangelnde mangelnder fehlende fehlender`,
	distances:  `fast beinahe fruher fruhere fruheren fruherer vorherige vorherigen ehemalige ehemaligen anders`,
	eases:      `leicht`,
	wishes:     `ware wurde konnte wenn`,
	wonders:    `glauben verstehen fassen nur`,
	deniesVerb: `nicht nie niemals keinesfalls`,
	contrasts:  `aber sondern jedoch trotzdem`,
	stronger: `sehr zu so extrem wirklich ausserst absolut total vollig richtig besonders super echt uberaus ziemlich viel immer
		ungemein`,
	weaker: `etwas bisschen eher manchmal teilweise relativ leicht wenig gelegentlich halbwegs`,
	common: `der die das und ist nicht ein eine einen einem einer eines zu den dem des von mit auf fur im in es sich auch an als
		wie war sind hat haben wird werden bei nach aus ich wir sie er ihr mein meine meinen meinem meiner unser unserer
		unserem unseren deutlich samstags zwei drei vier jedes ging war fand unsere ihre ihrem ihren sein seine aber oder wenn
		dass so nur noch schon sehr mehr kein keine man uber vor durch am zum zur bis um immer wieder mir mich uns ihnen kann
		konnte wurde habe hatte waren doch jetzt hier dort dann weil alles alle etwas gibt seit beim vom ohne gegen ganz
		wurden muss leider bin da was wer wo warum jeder jede tag tage woche wochen monat monate jahr jahre`,
	complaints: `
		werde|werden|will|wollen|muss|mussen|mochte|mochten _ kundigen ~
		ich|wir kundige|kundigen ~
		habe|haben _ gekundigt
		zu|zur _ konkurrenz|wettbewerber|mitbewerber
		suche|suchen|brauche|brauchen _ alternative|alternativen
		suche|suchen _ anderen|neuen|andere|neue anbieter|dienstleister|lieferanten|losung
		wechsle|wechseln den|unseren|meinen|zu|zum _ anbieter|dienstleister|lieferanten ~
		verlange|verlangen|fordere|fordern|will|wollen _ geld zuruck
		verlange|verlangen|fordere|fordern _ erstattung|ruckerstattung
		nie|niemals|nimmer wieder
		nicht|nie|niemals mehr|wieder verlangern|bestellen|kaufen
		nicht verlangern|weiterempfehlen
		schrecklich|schreckliche|schrecklicher|schreckliches|furchtbar|furchtbare|furchtbarer|entsetzlich*|grauenhaft*|grausig*
		unverschamt*|inakzeptabel|inakzeptable*|katastroph*|unterirdisch*|miserabel|miserable|miserabler|unzumutbar*
		frechheit|zumutung|sauerei
		abzocke|abzocker|betrug|betruger|betrogen|belogen|verarscht|verarsche
		sehr|ausserst|wirklich|total|extrem|schwer|massiv enttauscht|enttauschend|verargert|unzufrieden|sauer|wutend|frustriert|frustrierend
		stinksauer|stinkwutend
		nase voll
		zeitverschwendung|geldverschwendung
		mein|meinen|meinem|unser|unseren|unserem|zum anwalt|rechtsanwalt
		rechtliche schritte
		schlechteste|schlechtester|schlechtesten|schlechtestes
		funktioniert|geht|klappt uberhaupt|gar nicht
		unbrauchbar*|nutzlos*
		ich|wir hasse|hassen ~
	`,
	dislikes: `
		schlecht|schlechte|schlechter|schlechten|schlechtes|schlechtem|mies|miese|mieser|schwach|schwache|mangelhaft|mangelhafte|durftig|durftige|mau|minderwertig*
		langsam|langsame|langsamer|langsamen|trage|langwierig*|verspatet|verspatete|verspatung|verspatungen|verzogerung|verzogerungen|verzogert|spat
		warte|warten|wartet|gewartet|wartezeit|wartezeiten|warteschleife|warteschlange
		lange|langen warten|wartezeit|wartezeiten|bearbeitungszeit|bearbeitungszeiten|gedauert|dauer|schlange|schlangen
		dauert|dauerte|gedauert _ lange|ewig|wochen|monate|zu
		seit|uber wochen|monaten|tagen
		teuer|teure|teurer|teuren|uberteuert|uberteuerte|kostspielig|wucher|abgezockt
		zu teuer|hoch|hohe|lange|langsam|kompliziert|viel|wenig|umstandlich|spat
		hohe|hohen|hoher|versteckte|versteckten gebuhren|kosten|preise|preis|gebuhr
		preis|preise|gebuhren|kosten _ erhoht|gestiegen|hoch|hoher|erhohung
		preiserhohung|preiserhohungen|gebuhrenerhohung|zusatzkosten
		schwierig|schwierige|schwer|kompliziert|komplizierte|komplizierter|umstandlich|umstandliche|unubersichtlich|unubersichtliche|verwirrend|verwirrende|unklar|unklare|unverstandlich|unverstandliche|muhsam|nervig|nervige|nervt|nerven
		fehler|fehlern|fehlerhaft|fehlerhafte|bug|bugs|absturz|absturze|absturzt|sturzt|stort|storung|storungen|ausfall|ausfalle|panne|pannen|defekt|defekte|kaputt|beschadigt|beschadigte|instabil|unzuverlassig|unzuverlassige
		problem|probleme|problemen|schwierigkeiten|arger|argerlich|argerliche|argere|argert|mangel|aufwand
		funktioniert|geht|klappt|lauft|funktionieren|klappte|funktionierte nicht|nie|kaum|schlecht
		nicht funktioniert|erreichbar|geholfen|beantwortet|gemeldet|geliefert|gelost|zufrieden|hilfreich|freundlich|gut|nachvollziehbar|akzeptabel|verstandlich|moglich|empfehlenswert|angekommen|ernst|eingehalten|zuruckgerufen
		nie|niemals|niemand _ erreichbar|antwort|erreicht|geholfen|zustandig|ruckruf|reagiert|meldet
		keine|keinen|kein _ antwort|antworten|ruckmeldung|ruckruf|reaktion|hilfe|losung|ansprechpartner|erklarung|information|informationen|interesse|kundenservice|service|verstandnis
		niemand meldet|hilft|antwortet|weiss|erreichbar
		unfreundlich|unfreundliche|unfreundlicher|unhoflich|unhofliche|arrogant|arrogante|inkompetent|inkompetente|inkompetenz|unprofessionell|unprofessionelle|unkompetent|desinteressiert|ignoriert|ignorant|abgewimmelt|vertrostet|uberfordert|genervt
		enttauscht|enttauschend|enttauschende|enttauschung|unzufrieden|unzufriedene|frustriert|frustrierend|frust|verargert|sauer|wutend|traurig|schade|leider|bedauerlich
		beschwerde|beschwerden|beschweren|reklamation|reklamationen|mahnung|kritik
		fehlt|fehlen|fehlte|fehlende|fehlenden|unvollstandig|unvollstandige|unzureichend|unzureichende|eingeschrankt|begrenzt
		falsch|falsche|falschen|falscher|irrefuhrend|unehrlich|gelogen|luge|lugen|unserios|unseriose
		unnotig|unnotige|sinnlos|sinnlose|uberflussig|unfair|unverschamt|nutzlos|unbrauchbar|inakzeptabel|unmoglich
		schrecklich|furchtbar|katastrophe|katastrophal|miserabel|hasse|schlimm|schlimmer|schlimmste|grottig|saftladen
		veraltet|veraltete|altmodisch|hasslich
		immer noch nicht|kein|keine
		kundigen|gekundigt|kundigung|kundige|wechseln|finger
		nie wieder
		lasst zu wunschen
		zweimal|doppelt _ abgebucht|berechnet|abgerechnet|bezahlt
		abgelehnt|verweigert|gesperrt|blockiert
		alles andere als gut|schnell|freundlich|einfach|hilfreich|zufrieden|gunstig|billig|perfekt|optimal|ideal|professionell|kompetent|toll|ubersichtlich|intuitiv|zuverlassig|kundenfreundlich
		nichts funktioniert|geht|klappt|lauft
		konnte|konnten|durfte|durften _ besser|schneller|gunstiger|einfacher|freundlicher|ubersichtlicher
		ungenugend|ungenugende|ungenugender
		naja
		geht|ginge besser|schneller
	`,
	likes: `
		gut|gute|guter|guten|gutes|gutem|schone|schoner|prima|super|toll|tolle|toller|tolles|klasse|spitze|top|ordentlich|angenehm|angenehme|angenehmer|nett|nette|netter|nettes|besser|beste|bester|bestens|besten
		freundlich|freundliche|freundlicher|freundlichen|freundliches|freundlichkeit|hilfsbereit|hilfsbereite|hilfsbereiter|hoflich|hofliche|zuvorkommend|zuvorkommende|kompetent|kompetente|kompetenter|kompetenten|kompetenz|professionell|professionelle|engagiert|engagierte|geduldig|aufmerksam|aufmerksame|herzlich|sympathisch|sympathische
		schnell|schnelle|schneller|schnellen|schnelles|zugig|zugige|flott|flotte|prompt|prompte|rasch|rasche|punktlich|punktliche|sofort|umgehend|unverzuglich|effizient|effiziente
		einfache|einfacher|einfaches|unkompliziert|unkomplizierte|unkomplizierter|ubersichtlich|ubersichtliche|verstandlich|verstandliche|intuitiv|intuitive|klar|klare|reibungslos|reibungslose|reibungsloser|problemlos|problemlose|bequem|bequeme|praktisch|praktische|leicht|muhelos
		zuverlassig|zuverlassige|zuverlassiger|verlasslich|stabil|stabile|sicher|sichere|solide|serios|seriose|fair|faire|transparent|transparente
		zufrieden|zufriedene|zufriedenheit|glucklich|begeistert|froh|freue|freut|freude|gefallt|gefallen|liebe|lieben|mag|beeindruckt|uberzeugt|uberzeugend
		danke|dank|dankbar|dankeschon|lob|bravo|respekt
		empfehle|empfehlen|empfohlen|empfehlenswert|weiterempfehlen|empfehlung
		hilfreich|hilfreiche|nutzlich|nutzliche|gunstig|gunstige|preiswert|preiswerte|angemessen|angemessene|vorteilhaft|sinnvoll
		funktioniert|klappt|lauft|klappte|funktionierte _ gut|super|einwandfrei|prima|tadellos|perfekt|bestens|reibungslos
		ausgezeichnet|hervorragend|hervorragende|perfekt|perfekte|perfekter|wunderbar|einwandfrei|einwandfreie|tadellos|exzellent|fantastisch
		problem|anliegen|frage|fragen _ gelost|geklart|beantwortet
		schnell|sofort|kompetent|super geholfen|gelost|beraten
		geholfen|gut beraten|aufgehoben|betreut
		keine|keinerlei|nie|ohne _ probleme|problem|beanstandungen|beschwerden|schwierigkeiten|mangel
		nichts|nix zu _ meckern|beanstanden|bemangeln|kritisieren
		nicht schlecht
		weiter so
		gerne|gern wieder
		alles bestens|gut|super|perfekt|prima|ok|klar
		verbessert|verbesserung|fortschritt
		wurde|wurden|werde|werden|kann|konnen _ weiterempfehlen|empfehlen
		immer wieder gerne|gern
		jederzeit _ wieder
		wurde|wurden _ jederzeit|immer _ wieder
		kann|konnen _ nicht|nix beklagen|meckern|klagen
		nichts negatives|schlechtes|auszusetzen
		besser geht|gehts|ging _ nicht|kaum
		konnte|konnten|kann|geht|ging _ nicht|kaum besser
		unproblematisch|unproblematische
	`,
	praises: `
		ausgezeichnet|ausgezeichnete|ausgezeichneter|hervorragend|hervorragende|hervorragender|fantastisch|fantastische|perfekt|perfekte|perfekter
		grossartig|grossartige|grossartiger|wunderbar|wunderbare|exzellent|exzellente|klasse|spitze|toll|tolle|toller|tolles
		sehr|wirklich|ausserst|rundum|vollig|super zufrieden|glucklich|hilfsbereit|freundlich|gut|gute|guter
		ich|wir liebe|lieben
		weiter so
		gerne weiterempfehlen
	`,
}
