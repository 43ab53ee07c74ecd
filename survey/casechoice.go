package survey

import "slices"

// caseCauses are what a case may come from, in programs that do not ask for causes.
var caseCauses = []Option{
	{"product", Words{"en": "Product", "fr": "Produit", "de": "Produkt", "es": "Producto"}},
	{"price", Words{"en": "Price", "fr": "Prix", "de": "Preis", "es": "Precio"}},
	{"support", Words{"en": "Support", "fr": "Assistance", "de": "Betreuung", "es": "Atención al cliente"}},
	{"delivery", Words{"en": "Delivery", "fr": "Livraison", "de": "Lieferung", "es": "Entrega"}},
	{"usability", Words{"en": "Ease of use", "fr": "Facilité d’utilisation", "de": "Bedienbarkeit", "es": "Facilidad de uso"}},
	{OptionOther, otherCause},
}

var otherCause = Words{"en": "Something else", "fr": "Autre chose", "de": "Etwas anderes", "es": "Otra cosa"}

// RejectReasons are why a case may be none.
var RejectReasons = []Option{
	{"not_a_customer", Words{"en": "Not a customer", "fr": "Pas un client", "de": "Kein Kunde", "es": "No es cliente"}},
	{"test", Words{"en": "A test", "fr": "Un test", "de": "Ein Test", "es": "Una prueba"}},
	{"duplicate", Words{"en": "Followed up elsewhere already", "fr": "Déjà suivi ailleurs", "de": "Wird schon anderswo verfolgt", "es": "Ya se sigue en otro lugar"}},
	{"wrong_score", Words{"en": "Wrong score clicked", "fr": "Note choisie par erreur", "de": "Falsche Note angeklickt", "es": "Nota elegida por error"}},
	{"spam", Words{"en": "Spam", "fr": "Spam", "de": "Spam", "es": "Spam"}},
	{OptionOther, otherCause},
}

// CaseCauses are the causes with which a case of the program is resolved: those that
// its customers choose from, OptionOther last, or a list that every program has.
func (p Program) CaseCauses() []Option {
	at := slices.IndexFunc(p.Questions, func(q Question) bool { return q.ID == Causes })
	if at < 0 || len(p.Questions[at].Options) == 0 {
		return caseCauses
	}
	return append(slices.Clone(p.Questions[at].Options), Option{OptionOther, otherCause})
}

// CauseText is a cause of a resolved case in a locale. A cause that neither the program
// nor the list of all has is its id.
func (p Program) CauseText(id, locale string) string {
	return optionText(append(p.CaseCauses(), caseCauses...), id, locale)
}

// RejectText is why a case was rejected in a locale.
func RejectText(id, locale string) string { return optionText(RejectReasons, id, locale) }

func optionText(options []Option, id, locale string) string {
	for _, o := range options {
		if o.ID == id {
			return o.Text.In(locale)
		}
	}
	return id
}
