package survey

import "strings"

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

var (
	// particles are parts of names that are words of languages too.
	particles = setOf(`von van vom zum zur der den des del las los dos the and und les une de la le di da du el al ten ter`)

	// legalForms end the names of companies, and nobody says them.
	legalForms = setOf(`ag bv co company corp corporation gmbh group holding inc kg limited llc llp ltd mbh nv ohg plc sa sarl sas se sl slu spa srl ug ab oy as aps
		kft sro zoo pty pte intl international`)

	// everyday are words that begin names of companies and addresses, and mean too much
	// else to be hidden wherever they stand.
	everyday = setOf(`
		info support sales contact kontakt office hello mail team admin service services billing marketing noreply reply help news web post buero
		bank software solution solutions system systems group global international national european deutsche german french american british
		united general first new old digital data cloud tech technology technologies consulting media energy health hotel restaurant city stadt
		university studio agency shop store haus house home smart best easy blue green red black white big super pro customer app mobile online
		auto car food fast quick good great one two three all every more most only open real true free clear simple direct central north south
		east west royal star sun world life work works time day next now here home our your you your just right perfect happy nice top plus
		weiss weiß schwarz rot blau grun gross klein neu neue neuer alt alte gut gute schnell einfach sicher immer alle alles mein dein unser wir
		das die ein eine erste norddeutsche suddeutsche vereinigte allgemeine
		societe groupe banque maison bon bonne petit grand beau nouveau nouvelle mon notre tout toute tous hotel atelier cabinet agence
		banco casa grupo nuevo nueva buen bueno mi nuestra nuestro todo toda gran grande una unos servicios sociedad`)
)
