package text

// french is what tells in French what a comment says.
var french = vocabulary{
	denials:    `ne n pas jamais rien sans aucun aucune ni nullement`,
	absences:   `personne manque`,
	distances:  `contrairement presque ancien ancienne precedent precedente autrefois`,
	eases:      `facile facilement`,
	wishes:     `serait serais pourrait si`,
	wonders:    `croire comprendre imaginer seulement`,
	deniesVerb: `pas jamais`,
	contrasts:  `mais cependant pourtant`,
	stronger: `tres trop vraiment extremement tellement totalement completement absolument fort super hyper toujours particulierement
		si bien beaucoup`,
	weaker: `peu legerement plutot assez parfois quelque relativement partiellement moyennement`,
	common: `le la les de des du un une et est en que qui dans pour pas sur au aux avec ce cette ces son sa ses mon ma mes notre
		nos votre vos leur leurs il elle ils elles je tu nous vous on ne se sont ont etait etre avoir fait faire plus tres par
		mais ou donc si tout tous toute toutes comme aussi meme sans depuis encore apres avant chez ca cela y suis sommes avez
		avons ai as lors trop peu bien rien jamais toujours quand car quel quelle dont ni deux fois alors ainsi entre deux
		trois quatre cinq dix nouvelle nouveau jour jours semaine semaines mois an ans d l j qu c n s m t`,
	complaints: `
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
	`,
	dislikes: `
		mauvais|mauvaise|mauvaises|mediocre|mediocres|pire|mal|nul|nulle|nuls|nulles|faible|faibles|moyen|moyenne
		lent|lente|lents|lentes|lenteur|lenteurs|retard|retards|long|longue|longs|longues|interminable|interminables|tardif|tardive
		attendre|attends|attendu|attente _ longtemps|heures|jours|semaines|mois
		delai|delais|attente _ long|longs|longue|trop|interminable*
		cher|chere|chers|cheres|couteux|couteuse|onereux|onereuse|exorbitant|exorbitants|exorbitante|excessif|excessifs|excessive
		frais caches|excessifs|abusifs|eleves
		prix|tarif|tarifs|frais _ augment*|hausse|eleve|eleves|exagere*
		augmentation|hausse _ prix|tarif|tarifs|frais
		difficile|difficiles|complique|compliquee|compliques|compliquees|complexe|complexes|confus|confuse|fastidieux|fastidieuse|penible|laborieux|obscur|illisible|incomprehensible|incomprehensibles
		pas clair|claire|clairs|pratique|intuitif|intuitive|possible|normal|serieux|professionnel|fiable|satisfait|satisfaite|terrible|top|content|contente|repondu|recu|joignable|fameux|fameuse|donne|genial
		bug|bugs|bogue|bogues|bugge|panne|pannes|plante|erreur|erreurs|dysfonctionnement|dysfonctionnements|defaut|defauts|defectueux|defectueuse|casse|abime|endommage
		probleme|problemes|souci|soucis|ennui|ennuis|galere|galeres|difficulte|difficultes
		injoignable|injoignables|indisponible|indisponibles|absent|absente|inexistant|inexistante
		fonctionne|marche|fonctionnent|marchent|repond|repondent|aide|aident pas|plus|jamais|mal
		pas|aucune|jamais|sans _ reponse|solution|suivi|explication|interlocuteur|nouvelles|retour
		personne ne|n repond|rappelle|aide|sait
		rappel*|repond*|repons* jamais
		desagreable|desagreables|impoli|impolie|arrogant|arrogante|incompetent|incompetente|incompetents|incompetence|irrespectueux|meprisant|agressif|agressive|froid|froide
		decu|decue|decus|decues|decevant|decevante|decevants|deception|mecontent|mecontente|insatisfait|insatisfaite|insatisfaisant|frustrant|frustrante|frustre|frustration
		agacant|agacante|enervant|enervante|irritant|enerve|fache|fachee|triste|regrette|regrettable|dommage|inquiet|inquietant|stressant
		plainte|plaintes|plaindre|reclamation|reclamations|litige|reprocher
		manque|manquant|manquante|manquent|incomplet|incomplete|insuffisant|insuffisante|insuffisants|limite|limitee
		mensonge|mensonges|mensonger|trompeur|trompeuse|tromper|malhonnete|menti|abusif|abusifs|abusive
		inutile|inutiles|inutilement|injuste|injustifie|injustifies|injustifiee|incoherent|incoherente
		horrible|horribles|affreux|deteste|deplorable|catastrophe|catastrophique|scandale|honte|honteux|inadmissible
		obsolete|vieillot|depasse|depassee|moche|moches
		toujours pas|rien|aucune|aucun
		quitter|quitte|fuir|resilier|resiliation|partir|eviter
		perdu|perdue|perdus|perte|perds
		a fuir|eviter
		laisse a desirer
		oblige|obligee|obliges de
		debite|preleve|facture _ deux|double|tort|erreur
		refuse|refusent|refus|refusee
		bloque|bloquee|bloques|blocage
		rien ne|n fonctionne|marche|va
		peut|peuvent|pouvez|pourrait|pourraient|pourriez _ mieux
		bof
	`,
	likes: `
		bon|bonne|bons|bonnes|bien|beau|belle|super|top|chouette|agreable|agreables|correct|correcte|sympa|sympas|meilleur|meilleure
		aimable|aimables|sympathique|sympathiques|gentil|gentille|gentils|accueillant|accueillante|accueillants|poli|polie|souriant|souriante|chaleureux|chaleureuse|disponible|disponibles|disponibilite
		a l ecoute
		attentif|attentive|attentifs|patient|patiente|competent|competente|competents|competence|professionnel|professionnelle|professionnels|professionnalisme|serieux|serieuse|reactif|reactive|reactifs|reactivite|efficace|efficaces|efficacite|serviable|bienveillant|bienveillante
		rapide|rapides|rapidement|rapidite|vite|ponctuel|ponctuelle|immediat|immediate|immediatement
		simple|simples|simplicite|simplement|facile|faciles|facilement|facilite|intuitif|intuitive|pratique|pratiques|clair|claire|clairs|claires|clairement|fluide|fluides|ergonomique|limpide
		fiable|fiables|fiabilite|stable|solide|securise|confiance
		content|contente|contents|contentes|satisfait|satisfaite|satisfaits|satisfaites|satisfaction|satisfaisant|ravi|ravie|ravis|heureux|heureuse|enchante|enchantee|plaisir|plait|apprecie|apprecions|aime|aimons|adore
		merci|remercie|remercions|bravo|felicitations|chapeau|reconnaissant
		recommande|recommandons|recommanderai|conseille
		utile|utiles|avantageux|avantageuse|avantages|abordable|abordables|raisonnable|raisonnables|competitif|competitifs|interessant|interessante|interessants
		fonctionne|marche|fonctionnent bien|parfaitement|impeccablement
		excellent|excellente|excellents|parfait|parfaite|parfaitement|impeccable|impeccables|genial|geniale|formidable|remarquable|exceptionnel|exceptionnelle
		resolu|resolue|regle|reglee _ rapidement|vite|immediatement
		rien a redire|signaler|dire
		aucun|aucune|sans|jamais _ probleme|problemes|souci|soucis|difficulte|plainte|reproche
		pas mal
		pas de|eu _ probleme|problemes|souci|soucis
		gain de temps
		bonne|bon continuation|qualite|rapport|conseil|conseils|accueil
		qualite
		ameliore|amelioration|ameliorations|progres
		recommanderais|recommanderions|recommanderons
		hesite|hesitez|hesiterai|hesiterais|hesiterons pas a|de _ recommander|conseiller|racheter|revenir
		sans hesiter|hesitation
		peut|peux|pouvait|pourrait pas faire|etre|demander mieux
		nickel
	`,
	praises: `
		excellent|excellents|excellente|excellentes|fantastique|genial|geniale|geniaux|parfait|parfaite|parfaitement|formidable|remarquable
		super service|equipe|outil|produit|support|travail
		tres|vraiment|entierement|tout content|contents|contente|satisfait|satisfaits|satisfaite|bien|bon|bonne
		j adore
		nous adorons
		recommande|recommandons vivement
		merci infiniment
	`,
}
