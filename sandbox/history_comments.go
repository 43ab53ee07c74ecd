package sandbox

import (
	"math/rand/v2"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// pastComments are what customers wrote, by language: of who scored 6 or less, 7 or 8, and more.
var pastComments = map[string][3][]string{
	"en": {
		{
			"The invoice was wrong twice, and correcting it took weeks.", "Far too expensive for what it does.", "Support answered after five days, and then with a template.",
			"Our delivery was late again, and nobody told us.", "The new menu is confusing, we cannot find anything.", "It crashes every other day, the quality is poor.", "Nobody called back.",
		},
		{
			"Good product, but the price went up a lot.", "It works. The reports could be faster.", "Friendly support, good answers.", "Delivery was on time.", "Does what we need.", "Good overall, happy to stay.", "All in order so far.",
		},
		{
			"Great support, they answer within minutes.", "Easy to use, our people needed no training.", "Delivered a day early, and everything was right.", "Excellent quality, and a fair price.", "We recommend you to everybody.", "Reliable for two years now.",
		},
	},
	"fr": {
		{
			"La facture était fausse deux fois de suite.", "Beaucoup trop cher pour ce que c’est.", "Le support a répondu au bout de cinq jours.", "Livraison en retard, encore une fois, et personne n’a prévenu.",
			"La nouvelle interface est compliquée.", "L’outil plante un jour sur deux.",
		},
		{"Bon produit, mais le prix a beaucoup augmenté.", "Ça marche, sans plus.", "Support aimable.", "Livraison correcte.", "Dans l’ensemble, nous sommes contents."},
		{"Support excellent, une réponse en quelques minutes.", "Très facile à utiliser.", "Livré un jour plus tôt, parfait.", "Excellente qualité pour un prix juste.", "Nous vous recommandons à tout le monde."},
	},
	"de": {
		{
			"Die Rechnung war zweimal falsch.", "Viel zu teuer für das, was es kann.", "Der Support hat erst nach fünf Tagen geantwortet.", "Die Lieferung kam wieder zu spät, und niemand hat Bescheid gesagt.",
			"Die neue Oberfläche ist unübersichtlich.", "Es stürzt jeden zweiten Tag ab, schlechte Qualität.",
		},
		{"Gutes Produkt, aber der Preis ist stark gestiegen.", "Es funktioniert. Die Berichte könnten schneller sein.", "Freundlicher Support.", "Lieferung in Ordnung.", "Im Großen und Ganzen zufrieden."},
		{"Hervorragender Support, Antwort in Minuten.", "Sehr einfach zu bedienen.", "Einen Tag früher geliefert, alles bestens.", "Ausgezeichnete Qualität zu einem fairen Preis.", "Wir empfehlen Sie überall weiter."},
	},
	"es": {
		{
			"La factura estaba mal dos veces.", "Demasiado caro para lo que ofrece.", "El soporte tardó cinco días en responder.", "La entrega llegó tarde otra vez y nadie nos avisó.",
			"La nueva interfaz es complicada.", "Falla cada dos días, mala calidad.",
		},
		{"Buen producto, pero el precio ha subido mucho.", "Funciona, sin más.", "Soporte amable.", "La entrega, correcta.", "En general, contentos."},
		{"Soporte excelente, responden en minutos.", "Muy fácil de usar.", "Entregado un día antes, perfecto.", "Excelente calidad a un precio justo.", "Os recomendamos a todo el mundo."},
	},
}

// pastComment is what somebody with that score writes; one who complains may do so of two things.
func pastComment(rng *rand.Rand, score int, language string) string {
	group := 1
	switch {
	case score <= 6:
		group = 0
	case score >= 9:
		group = 2
	}
	texts := pastComments[language][group]
	first, second := pick(rng, texts), pick(rng, texts)
	if group == 0 && first != second && rng.IntN(3) == 0 {
		return first + " " + second
	}
	return first
}

// mailboxName is a name without capitals, accents and spaces.
func mailboxName(name string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn))), name)
	if err != nil {
		plain = name
	}
	return strings.ReplaceAll(strings.ToLower(plain), " ", "")
}
