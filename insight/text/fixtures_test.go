package text

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// reviews are comments on a bank as customers write them, made up for this test. The
// lexicon was not fitted to them. The unhappy ones come first, then the happy ones.
var reviews = map[string][2][]string{
	"fr": {
		{
			"Trois rendez-vous annulés au dernier moment, je n'ai toujours pas vu mon conseiller.",
			"On m'a prélevé des frais de découvert alors que le virement était arrivé la veille.",
			"Le téléphone sonne dans le vide et l'agence ferme à midi.",
			"Carte bloquée à l'étranger, aucune solution proposée pendant quatre jours.",
			"Dossier de prêt perdu deux fois, il faut tout renvoyer à chaque fois.",
			"L'application demande de se reconnecter toutes les deux minutes.",
			"Depuis la fusion plus personne ne connaît mon dossier.",
			"Un chèque encaissé avec dix jours de décalage, merci pour les agios.",
			"J'ai demandé la clôture du compte en mars, nous sommes en juin.",
			"Conseiller différent à chaque appel, il faut tout réexpliquer.",
			"Taux annoncé par téléphone, autre taux sur le contrat.",
			"Frais de tenue de compte doublés sans un mot d'explication.",
			"Je change de banque dès que mon crédit est soldé.",
			"Impossible d'augmenter le plafond de ma carte en ligne.",
			"Message laissé cinq fois, zéro rappel.",
			"La conseillère m'a raccroché au nez.",
			"Virement instantané facturé, c'est du vol.",
			"Mon épargne est bloquée et on me parle de délais de traitement.",
			"Des semaines pour une simple attestation.",
			"On vous vend une assurance dont vous n'avez pas besoin.",
			"Accueil glacial, on dérange.",
			"Le site est en maintenance tous les week-ends.",
			"Compte joint ouvert au mauvais nom et personne pour corriger.",
			"Très compétents pour vous prendre de l'argent, beaucoup moins pour vous renseigner.",
			"Opposition sur carte : vingt minutes d'attente et une musique insupportable.",
			"Je ne conseille cette banque à personne.",
			"Aucune considération pour les clients fidèles.",
			"Promesse de prime de bienvenue jamais versée.",
			"Le distributeur est hors service un jour sur deux.",
			"Refus de prêt sans motif après quinze ans chez eux.",
		},
		{
			"Mon conseiller m'a rappelée le jour même et tout était réglé le lendemain.",
			"Ouverture du compte en dix minutes depuis mon canapé.",
			"Crédit accordé en une semaine, avec des explications limpides.",
			"Vingt ans que je suis chez vous et jamais un accroc.",
			"L'application fait exactement ce que je lui demande.",
			"Carte perdue un samedi, nouvelle carte le mardi.",
			"On prend le temps de m'écouter, ce qui devient rare.",
			"Les frais sont les plus bas que j'aie trouvés.",
			"Équipe souriante, on se sent attendu.",
			"Remboursement d'un paiement frauduleux en quarante-huit heures.",
			"Le simulateur de prêt m'a fait gagner un temps fou.",
			"Madame Perrin connaît son métier et ça se voit.",
			"Virements immédiats, notifications à chaque dépense, je garde la main.",
			"Conseils honnêtes : on m'a même déconseillé un placement.",
			"Agence propre, ouverte le samedi, que demander de plus.",
			"J'ai recommandé la banque à mes deux fils.",
			"Dossier compliqué après un divorce, suivi avec beaucoup de tact.",
			"Réponse au message en moins d'une heure.",
			"Bonne surprise sur le taux de mon livret.",
			"Tout se fait en ligne et quand on appelle quelqu'un décroche.",
			"Je n'ai eu aucun mal à changer de banque, ils se sont occupés de tout.",
			"Ma conseillère est une perle.",
			"Transparence totale sur les frais.",
			"Un service humain, merci.",
			"La carte gratuite fonctionne partout, même au Japon.",
			"Le prêt étudiant de ma fille a été réglé sans paperasse.",
			"Rien à dire, ça tourne.",
			"Interface claire, même pour mon père de 80 ans.",
			"Ils ont trouvé une solution quand l'autre banque disait non.",
			"Au top depuis le premier jour.",
		},
	},
	"de": {
		{
			"Drei Termine kurzfristig abgesagt, meinen Berater habe ich noch nie gesehen.",
			"Überziehungszinsen berechnet, obwohl das Gehalt schon am Vortag da war.",
			"Das Telefon klingelt durch und die Filiale macht mittags zu.",
			"Karte im Urlaub gesperrt, vier Tage lang keine Lösung.",
			"Kreditunterlagen zweimal verschlampt, alles neu einreichen.",
			"Die App wirft mich alle zwei Minuten raus.",
			"Seit der Fusion kennt sich dort keiner mehr aus.",
			"Scheck erst nach zehn Tagen gutgeschrieben, danke für die Zinsen.",
			"Kontoschließung im März beantragt, jetzt ist Juni.",
			"Jedes Mal ein anderer am Telefon, jedes Mal alles von vorn.",
			"Am Telefon ein Zinssatz, im Vertrag ein anderer.",
			"Kontoführungsgebühr verdoppelt, ohne ein Wort.",
			"Sobald der Kredit abbezahlt ist, bin ich weg.",
			"Kartenlimit lässt sich online nicht ändern.",
			"Fünfmal um Rückruf gebeten, null Rückrufe.",
			"Die Beraterin hat einfach aufgelegt.",
			"Echtzeitüberweisung kostet extra, das ist Abzocke.",
			"Mein Erspartes hängt fest und man redet von Bearbeitungszeiten.",
			"Wochenlang auf eine simple Bescheinigung gewartet.",
			"Man bekommt Versicherungen aufgeschwatzt, die keiner braucht.",
			"Eiskalter Empfang, als würde man stören.",
			"Onlinebanking jedes Wochenende in Wartung.",
			"Gemeinschaftskonto auf den falschen Namen eröffnet, korrigieren will es niemand.",
			"Beim Abbuchen sind sie schnell, beim Auskunftgeben weniger.",
			"Kartensperrung: zwanzig Minuten Warteschleife mit grausamer Musik.",
			"Diese Bank kann ich keinem ans Herz legen.",
			"Treue Kunden zählen hier gar nichts.",
			"Die versprochene Prämie kam nie an.",
			"Geldautomat jeden zweiten Tag außer Betrieb.",
			"Nach fünfzehn Jahren Kredit abgelehnt, Begründung Fehlanzeige.",
		},
		{
			"Mein Berater rief noch am selben Tag zurück, am nächsten war alles erledigt.",
			"Konto in zehn Minuten vom Sofa aus eröffnet.",
			"Kreditzusage in einer Woche, alles verständlich erklärt.",
			"Zwanzig Jahre Kunde und nie ein Ärgernis.",
			"Die App macht genau, was sie soll.",
			"Karte am Samstag verloren, am Dienstag war die neue da.",
			"Man nimmt sich Zeit für mich, das ist selten geworden.",
			"Die niedrigsten Gebühren, die ich finden konnte.",
			"Lächelndes Team, man fühlt sich willkommen.",
			"Betrügerische Zahlung nach zwei Tagen erstattet.",
			"Der Kreditrechner hat mir eine Menge Zeit gespart.",
			"Frau Brandt versteht ihr Handwerk, das merkt man.",
			"Überweisungen sofort, Meldung bei jeder Ausgabe, ich behalte den Überblick.",
			"Ehrliche Beratung: von einer Anlage wurde mir sogar abgeraten.",
			"Gepflegte Filiale, samstags geöffnet, was will man mehr.",
			"Habe die Bank schon meinen beiden Söhnen ans Herz gelegt.",
			"Komplizierter Fall nach der Scheidung, mit viel Feingefühl begleitet.",
			"Antwort auf meine Nachricht in weniger als einer Stunde.",
			"Vom Zinssatz auf dem Tagesgeld positiv überrascht.",
			"Alles geht online, und wenn man anruft, nimmt jemand ab.",
			"Der Kontowechsel war kein Aufwand, sie haben sich um alles gekümmert.",
			"Meine Beraterin ist Gold wert.",
			"Volle Transparenz bei den Kosten.",
			"Menschlicher Service, danke.",
			"Die kostenlose Karte ging überall, sogar in Japan.",
			"Studienkredit meiner Tochter ohne Papierkram geregelt.",
			"Nichts auszusetzen, läuft.",
			"Aufgeräumte Oberfläche, selbst mein Vater mit 80 kommt klar.",
			"Sie fanden einen Weg, als die andere Bank nein sagte.",
			"Top vom ersten Tag an.",
		},
	},
}

// parts are of which the comments of a made-up bank's customers are put together, the
// unhappy ones first. No review has been taken for them.
var parts = map[string][2][]string{
	"fr": {
		{
			"mon conseiller ne rappelle jamais", "frais de découvert abusifs", "carte bloquée sans prévenir", "l'agence est fermée", "l'application rame",
			"dossier de prêt refusé", "quatre semaines pour un virement", "on me raccroche au nez", "agios injustifiés", "compte clôturé sans explication",
			"il faut tout réexpliquer à chaque appel", "le plafond de la carte est ridicule", "aucune considération", "je change de banque",
			"promesse jamais tenue", "le distributeur est hors service", "attente au téléphone interminable", "personne ne connaît mon dossier",
			"prélèvement facturé deux fois", "ils vendent des assurances inutiles",
		},
		{
			"mon conseiller rappelle le jour même", "virement immédiat", "carte remplacée en deux jours", "l'agence est ouverte le samedi", "application claire",
			"prêt accordé en une semaine", "on prend le temps de m'écouter", "tout est réglé le lendemain", "frais les plus bas", "compte ouvert en dix minutes",
			"explications limpides", "ma conseillère connaît son métier", "équipe souriante", "je recommande à ma famille", "conseils honnêtes",
			"ils s'occupent de tout", "quelqu'un décroche quand on appelle", "suivi humain", "remboursement en deux jours", "jamais un accroc",
		},
	},
	"de": {
		{
			"mein Berater ruft nie zurück", "überhöhte Überziehungszinsen", "Karte ohne Warnung gesperrt", "die Filiale hat zu", "die App hängt",
			"Kredit abgelehnt ohne Begründung", "vier Wochen für eine Überweisung", "am Telefon einfach aufgelegt", "Zinsen falsch berechnet", "Konto ohne Erklärung geschlossen",
			"bei jedem Anruf alles von vorn", "das Kartenlimit ist lächerlich", "Kunden zählen nichts", "ich wechsle die Bank",
			"versprochene Prämie kam nie", "Geldautomat außer Betrieb", "endlose Warteschleife am Telefon", "keiner kennt sich aus",
			"Lastschrift zweimal abgebucht", "Versicherungen aufgeschwatzt",
		},
		{
			"mein Berater ruft am selben Tag zurück", "Überweisung sofort da", "Karte in zwei Tagen ersetzt", "die Filiale ist samstags geöffnet", "aufgeräumte App",
			"Kreditzusage in einer Woche", "man nimmt sich Zeit für mich", "am nächsten Tag alles erledigt", "niedrigste Gebühren", "Konto in zehn Minuten eröffnet",
			"alles verständlich erklärt", "meine Beraterin versteht ihr Handwerk", "lächelndes Team", "meiner Familie ans Herz gelegt", "ehrliche Beratung",
			"sie kümmern sich um alles", "wenn man anruft, nimmt jemand ab", "menschlich begleitet", "Erstattung nach zwei Tagen", "nie ein Ärgernis",
		},
	},
}

// bankComments are n comments of a bank's customers with scores, of which one in twenty
// says otherwise than the score, and three in ten are unhappy.
func bankComments(language string, n int, seed uint64) []Example {
	random := rand.New(rand.NewPCG(seed, 1))
	all := make([]Example, n)
	for i := range all {
		score, kind := 1, 1
		if random.IntN(10) < 3 {
			score, kind = -1, 0
		}
		if random.IntN(20) == 0 {
			kind = 1 - kind
		}
		said := make([]string, 1+random.IntN(3))
		for j := range said {
			said[j] = parts[language][kind][random.IntN(len(parts[language][kind]))]
		}
		all[i] = Example{
			Comment: strings.Join(said, ", "), Hint: language, Score: score,
			Person: "p" + strconv.Itoa(random.IntN(n)), At: float64(20_000 + i),
		}
	}
	return all
}
