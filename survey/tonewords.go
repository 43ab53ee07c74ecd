package survey

// What tells a tone, in English, French, German and Spanish. A line that is wrong in one
// comment of a thousand costs an account team a minute; one that is missing costs a
// customer who said so. What is here says it without its surroundings: a word that is
// often meant kindly, or of somebody else, is not.

// denials say that something is not so.
const denials = `not no never nothing nobody none without hardly neither nor dont wont cant cannot didnt isnt wasnt doesnt
	ne n pas jamais rien sans aucun aucune ni nullement
	nicht kein keine keinen keiner keinerlei nie niemals ohne weder kaum keineswegs
	nunca jamas sin ningun ninguna nada tampoco`

// distances put what follows off, or on somebody else.
const distances = `unlike almost nearly previous previously former formerly easy easily
	contrairement presque ancien ancienne precedent precedente autrefois facile facilement
	fast beinahe fruher fruhere fruheren fruherer vorherige vorherigen ehemalige ehemaligen anders leicht
	casi anterior anteriores antiguo antigua diferencia facil facilmente`

// wishes are of what is not so yet.
const wishes = `would could should if wish
	serait serais pourrait si
	ware wurde konnte wenn
	seria podria quisiera`

var (
	denial      = wordSet(denials)
	turns       = wordSet(denials, distances)
	turnsPraise = wordSet(denials, distances, wishes)
	// wonders deny nothing with the denial before them: "I cannot believe how …".
	wonders = wordSet(`believe understand imagine wait doubt only
		croire comprendre imaginer seulement
		glauben verstehen fassen nur
		creer entender imaginar solo`)
	// deniesVerb is what denies the verb before it.
	deniesVerb = wordSet(`nicht nie niemals keinesfalls pas jamais`)
	// contrasts begin something of their own.
	contrasts = wordSet(`but however although though
		mais cependant pourtant
		aber sondern jedoch trotzdem
		pero sino aunque`)
)

var complaints = phrases(`
	will|ll|gonna|must|shall cancel
	going|want|wants|have|had|decided|need|plan|planning|intend to cancel
	am|m|are|re cancelling|canceling
	cancel|cancelling|canceling|cancelled|canceled my|our subscription|contract|account|membership
	switch|switching|switched|moving|move|going|go to _ competit*
	switch|switching|switched|moving|move|going to another|different provider|vendor|supplier|company|tool
	look|looking|searching for _ alternative|alternatives|replacement
	want|demand|expect|need|give _ refund
	want|demand|give _ money back
	never again
	not|never renew|renewing
	not going to renew
	not|never recommend you|it|this|them
	worst _ service|support|experience|company|product|software|vendor|supplier|tool|ever
	terrible|horrible|awful|appalling|atrocious|abysmal|dreadful|disgraceful|unacceptable|outrageous|disgusting|pathetic
	furious|livid|outraged
	fed up
	sick of
	very|extremely|really|so|deeply|bitterly disappointed|disappointing|frustrated|unhappy|dissatisfied|angry|upset
	rip off
	ripoff|scam|scammed|scammers
	ripped off
	lied to me|us
	waste of time|money
	complete|total|absolute|utter disaster|joke|nightmare|mess|disgrace|rubbish
	my|our lawyer|lawyers|solicitor|attorney
	legal action
	sue you
	not work|working at all
	useless|worthless|unusable
	i|we hate
	shame on you
` + `
	vais|allons|veux|voulons|voudrais|dois|devons|compte|comptons _ resilier ~
	je|nous resilie|resilions|resilierai|resilierons ~
	resilier|resilie|resilions|annuler|annule mon|notre|nos|mes contrat|contrats|abonnement|abonnements|compte ~
	passer|aller|partir|pars|partons|passons _ concurren* ~
	changer|changerai|changerons|changeons|change de fournisseur|prestataire ~
	chercher|cherche|cherchons _ alternative|alternatives|remplacant
	chercher|cherche|cherchons un autre
	veux|exige|exigeons|demande|demandons|voulons _ remboursement|rembourse*
	remboursez
	plus jamais
	renouvellerai|renouvellerons|renouvelons|renouvelle|recommande|recommanderai|recommanderais pas
	inacceptable|inacceptables|inadmissible|inadmissibles|scandaleux|scandaleuse|honteux|honteuse|lamentable|lamentables
	deplorable|deplorables|catastrophique|catastrophiques|epouvantable|desastreux|desastreuse|execrable|affreux|affreuse|minable
	une honte
	arnaque|arnaques|escroc|escrocs|escroquerie|voleurs|menteurs
	tres|extremement|vraiment|profondement|tellement decu|decue|decus|decues|decevant|decevante|mecontent*|fache|fachee|faches|insatisfait*
	ras le bol
	marre de|du|des|d
	en colere
	furieux|furieuse
	perte de temps|argent
	perte d argent
	completement|totalement|vraiment nul|nulle|nuls|nulles|inutile
	inutilisable|inutilisables
	mon|notre avocat
	poursuites judiciaires
	mise en demeure
	pire _ service|support|experience|entreprise|produit|outil|fournisseur
	je|nous deteste|detestons ~
	fonctionne|marche|fonctionnent|marchent pas du tout
` + `
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
` + `
	voy|vamos|quiero|queremos|tengo|tenemos|pienso|pensamos|debo|debemos _ cancelar|rescindir
	cancelar|cancelare|cancelaremos|cancelo|cancelamos|rescindir mi|nuestro|nuestra contrato|suscripcion|cuenta
	darme|darnos|dare|daremos|doy|damos _ de baja
	cambiar|cambiare|cambiaremos|cambiamos|cambio de proveedor|compania|empresa
	ir|irme|irnos|voy|vamos|pasar|pasarnos|paso|pasamos _ la competencia
	buscar|buscando|buscamos|busco _ alternativa|alternativas
	buscar|buscando|buscamos|busco otro|otra proveedor|empresa|herramienta
	quiero|exijo|exigimos|queremos|pido|pedimos _ reembolso|devolucion|dinero
	devuelvan|devolved _ dinero
	nunca mas
	jamas volvere|volveremos
	no vuelvo|volvere|volveremos
	no renovare|renovaremos|renovamos|renuevo
	no lo|la|los|las|os recomiendo|recomendamos|recomendaria
	inaceptable|inaceptables|pesimo|pesima|pesimos|pesimas|vergonzoso|vergonzosa|indignante|nefasto|nefasta|desastroso|desastrosa
	una verguenza
	un desastre
	que desastre|verguenza
	estafa|estafado|estafada|estafador|estafadores|timo|ladrones|mentirosos
	un robo|fraude
	muy|realmente|sumamente|totalmente|tan decepcionad*|decepcionante|enfadad*|molesto|molesta|molestos|insatisfech*|frustrad*|descontent*|enojad*
	harto|harta|hartos|hartas de
	furioso|furiosa
	perdida de tiempo|dinero
	inservible|inutilizable
	mi|nuestro abogado
	acciones legales
	voy|vamos a denunciar
	peor servicio|soporte|experiencia|empresa|atencion|producto|herramienta
	odio|odiamos
	no funciona nada
`)

var praises = phrases(`
	i|we love
	excellent|fantastic|amazing|outstanding|brilliant|wonderful|awesome|superb|perfect|perfectly
	great service|support|team|product|job|experience|tool|work|people|help
	very|extremely|really|so|absolutely happy|satisfied|pleased|helpful|impressed
	thank you so much
	best _ service|support|experience|company|product|tool|team|ever
	highly recommend|recommended
` + `
	excellent|excellents|excellente|excellentes|fantastique|genial|geniale|geniaux|parfait|parfaite|parfaitement|formidable|remarquable
	super service|equipe|outil|produit|support|travail
	tres|vraiment|entierement|tout content|contents|contente|satisfait|satisfaits|satisfaite|bien|bon|bonne
	j adore
	nous adorons
	recommande|recommandons vivement
	merci infiniment
` + `
	ausgezeichnet|ausgezeichnete|ausgezeichneter|hervorragend|hervorragende|hervorragender|fantastisch|fantastische|perfekt|perfekte|perfekter
	grossartig|grossartige|grossartiger|wunderbar|wunderbare|exzellent|exzellente|klasse|spitze|toll|tolle|toller|tolles
	sehr|wirklich|ausserst|rundum|vollig|super zufrieden|glucklich|hilfsbereit|freundlich|gut|gute|guter
	ich|wir liebe|lieben
	weiter so
	gerne weiterempfehlen
` + `
	excelente|excelentes|fantastico|fantastica|genial|geniales|perfecto|perfecta|maravilloso|maravillosa|estupendo|estupenda
	muy|realmente|totalmente contento|contenta|contentos|satisfecho|satisfecha|satisfechos|bien|bueno|buena|buen|feliz
	me|nos encanta
	recomiendo|recomendamos totalmente|encarecidamente
`)
