package text

import "slices"

// topicWords find what a case may come from in programs that ask for no causes of their own.
var topicWords = []Topic{
	{"price", map[string][]string{
		"en": {"price*", "pricing", "pricey", "expensive", "overpriced", "cost*", "fee", "fees", "charge", "charges", "charged", "overcharged", "cheap*", "affordable", "money", "invoice*", "billing", "billed", "value for money"},
		"fr": {"prix", "tarif*", "cher", "chers", "chère", "chères", "coût*", "frais", "facture*", "facturation", "prélev*", "onéreu*", "abordable*", "cotisation*", "trop payé", "argent"},
		"de": {"preis*", "teuer", "teure*", "kosten*", "gebühr*", "günstig*", "rechnung*", "abgebucht", "abbuchung*", "überteuert*", "tarif*", "geld", "billig*"},
		"es": {"precio*", "caro", "cara", "caros", "caras", "coste*", "costo*", "comision*", "tarifa*", "factura*", "cobr*", "barat*", "dinero", "cuota*", "cargos"},
	}},
	{"support", map[string][]string{
		"en": {"support", "helpdesk", "help desk", "customer service", "customer care", "hotline", "agent", "agents", "advisor*", "adviser*", "representative*", "staff", "call center", "call centre", "phone", "answered", "reply", "replied", "response", "ticket*", "nobody answers"},
		"fr": {"support", "assistance", "service client*", "sav", "conseiller*", "conseillère*", "interlocuteur*", "accueil", "hotline", "téléphone", "appel*", "répond*", "réponse*", "joindre", "injoignable*", "agence*", "guichet*"},
		"de": {"support", "kundenservice", "kundendienst", "service", "hotline", "berater*", "beratung", "betreuung", "mitarbeiter*", "ansprechpartner*", "erreichbar*", "telefon*", "antwort*", "rückruf*", "rückmeldung*", "filiale*", "schalter"},
		"es": {"soporte", "atención al cliente", "atención", "servicio al cliente", "asesor*", "gestor*", "agente*", "teléfono", "llamad*", "contest*", "respuesta*", "respond*", "oficina*", "ayuda"},
	}},
	{"delivery", map[string][]string{
		"en": {"deliver*", "shipping", "shipped", "shipment*", "parcel*", "package*", "courier*", "arrived", "tracking"},
		"fr": {"livraison*", "livré*", "livreur*", "colis", "expédi*", "transporteur*", "suivi du colis"},
		"de": {"liefer*", "versand*", "paket*", "zustell*", "sendung*", "bote", "spedition*"},
		"es": {"entrega*", "entregad*", "envío*", "paquete*", "repartidor*", "transportista*", "mensajer*"},
	}},
	{"usability", map[string][]string{
		"en": {"easy to use", "hard to use", "difficult to use", "user friendly", "usability", "interface", "intuitive", "navigat*", "confusing", "complicated", "cumbersome", "clunky", "menu", "menus", "layout", "design", "website", "app", "login", "log in"},
		"fr": {"ergonomi*", "interface*", "intuiti*", "navigation", "compliqué*", "simple à utiliser", "facile à utiliser", "difficile à utiliser", "utilisation", "prise en main", "menu*", "appli", "application*", "site", "connexion", "connecter"},
		"de": {"bedien*", "oberfläche*", "intuitiv*", "unübersichtlich*", "übersichtlich*", "kompliziert*", "umständlich*", "navigation*", "menü*", "app", "webseite*", "website", "einloggen", "anmeldung", "login"},
		"es": {"fácil de usar", "difícil de usar", "interfaz", "intuitiv*", "navega*", "complicad*", "engorros*", "menú*", "usabilidad", "uso", "app", "aplicación", "web", "página"},
	}},
	{"product", map[string][]string{
		"en": {"product*", "quality", "feature*", "function*", "bug", "bugs", "crash*", "broken", "defective", "faulty", "glitch*", "update*", "performance", "missing feature*"},
		"fr": {"produit*", "qualité", "fonctionnalité*", "bug*", "bogue*", "plante*", "panne*", "défectueu*", "défaut*", "mise à jour"},
		"de": {"produkt*", "qualität*", "funktion*", "fehlerhaft*", "defekt*", "kaputt*", "absturz*", "stürzt", "update*", "bug", "bugs"},
		"es": {"producto*", "calidad", "funcional*", "fallo*", "defectuos*", "averí*", "rot*", "actualización", "errores"},
	}},
}

var builtin = mustRules(topicWords)

func mustRules(topics []Topic) *Rules {
	r, err := NewRules(topics)
	if err != nil {
		panic(err)
	}
	return r
}

// Builtin are the topics that are found where no rules are given.
func Builtin() []Topic { return slices.Clone(topicWords) }
