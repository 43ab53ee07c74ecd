package text

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// written are comments as customers write them, by language; "" is of those that are not
// read.
var written = map[string][]string{
	"en": {
		"The app is quick and the support team answered within the hour", "Waited three weeks for a reply.", "Couldn't be happier",
		"Your prices went up again and nobody told us why", "Fine so far", "it does what it should", "Please add an export to Excel",
		"My order arrived with a broken lid", "We've used it since March and had no problem", "Too many emails", "Good value for money",
		"setup was a pain", "The new dashboard looks nice but loads slowly", "always helpful on the phone", "I had to call twice",
	},
	"fr": {
		"Le conseiller a répondu tout de suite et le problème est réglé", "Trois semaines d’attente pour une réponse.", "Rien à redire",
		"Les frais ont encore augmenté sans prévenir", "L'application plante souvent depuis la mise à jour", "Service rapide et efficace",
		"J'ai dû appeler deux fois", "Bon rapport qualité prix", "je suis client depuis dix ans et je suis content", "Trop de mails",
		"Colis reçu abîmé", "Il manque un export vers Excel", "Merci à toute l'équipe", "agence toujours fermée le samedi", "Parfait",
	},
	"de": {
		"Der Berater hat sofort geantwortet und das Problem ist gelöst", "Drei Wochen auf eine Antwort gewartet.", "Alles bestens",
		"Die Gebühren wurden schon wieder erhöht, ohne uns zu informieren", "Die App stürzt seit dem Update ständig ab", "Schnelle Lieferung",
		"Musste zweimal anrufen", "Gutes Preis-Leistungs-Verhältnis", "Bin seit zehn Jahren Kunde und zufrieden", "Zu viele Mails",
		"Paket kam beschädigt an", "Es fehlt ein Export nach Excel", "Danke an das ganze Team", "Filiale samstags immer geschlossen", "Hervorragend",
	},
	"es": {
		"El asesor respondió enseguida y el problema está resuelto", "Tres semanas esperando una respuesta.", "Todo perfecto",
		"Han vuelto a subir las comisiones sin avisar", "La aplicación se cierra desde la actualización", "Servicio rápido y eficaz",
		"Tuve que llamar dos veces", "Buena relación calidad precio", "Soy cliente desde hace diez años y estoy contento", "Demasiados correos",
		"El paquete llegó dañado", "Falta una exportación a Excel", "Gracias a todo el equipo", "la oficina siempre está cerrada los sábados", "Me encanta",
	},
	"": {
		"Il servizio è molto lento e non ho ancora ricevuto una risposta", "O atendimento foi muito bom, obrigado pela ajuda", "De levering was erg snel en de prijs is goed",
		"Очень хороший сервис", "サービスが遅い", "12345", "…", "", "Tutto bene, sempre gentili con noi", "Det är alldeles för dyrt och service är dålig", "Todella hyvä palvelu",
		"Bardzo dobra obsługa, polecam", "Velmi pomalé a drahé", "Çok kötü hizmet", "Foarte mulțumit de servicii", "El servei és molt bo i sempre contesten",
		"Nagyon rossz volt a kiszolgálás", "Slechte service, nooit meer", "Não recebi o meu pedido e ninguém responde",
	},
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for language, comments := range written {
		for _, comment := range comments {
			require.Equal(t, language, Read(nil, comment, "").Language, "%q", comment)
		}
	}
}

func TestLanguageOfTheHint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ comment, hint, want string }{
		{"ok", "fr-FR", "fr"}, {"ok", "", ""}, {"12", "de", "de"}, {"genial", "es", "es"}, {"genial", "fr", "fr"},
		{"The support was slow and nobody answered", "fr", "en"}, {"ok", "pt-BR", ""}, {"ok", "f", ""}, {"no comment", "en", "en"}, {"Ordine arrivato tardi purtroppo", "en", ""},
		{"Det är alldeles för dyrt och service är dålig", "de", ""}, {"Todella hyvä palvelu", "de", ""}, {"Çok kötü hizmet", "de", ""}, {"Очень хорошо", "en", ""},
	} {
		require.Equal(t, c.want, Read(nil, c.comment, c.hint).Language, "%q asked in %q", c.comment, c.hint)
	}
}

// Words of other languages are not read as if they were of these.
func TestForeignIsNotRead(t *testing.T) {
	t.Parallel()
	for _, comment := range []string{"Ottimo servizio, sono molto contento", "Atendimento horrible, muito caro", "サービスがとても遅い excellent"} {
		r := Read(nil, comment, "en")
		require.Equal(t, Reading{Confidence: 0.5, Topics: r.Topics, Evidence: r.Evidence}, r, comment)
		require.Empty(t, evident(comment, r), comment)
	}
	require.Less(t, Read(nil, "Pessimo servizio, sono molto deluso 😡", "en").Sentiment, -0.2, "signs are of all languages")
}

func TestLanguageOfReviews(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"fr", "de"} {
		known, all := 0, 0
		for kind := range 2 {
			for _, comment := range append(parts[language][kind], reviews[language][kind]...) {
				all++
				if Read(nil, comment, "").Language == language {
					known++
				}
			}
		}
		require.Greater(t, float64(known)/float64(all), 0.95, language)
	}
}
