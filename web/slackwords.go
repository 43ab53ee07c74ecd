package web

import "github.com/cxloop/cxloop/survey"

// formWords are what people of the account team read in forms, in one language. Titles
// and what is on buttons have at most 24 characters.
type formWords struct {
	Assign, DoAssign   string
	Snooze, DoSnooze   string
	Resolve, DoResolve string
	Reject, DoReject   string
	Cancel             string

	Who                       string
	Until                     string
	Tomorrow, ThreeDays, Week string
	OrDate                    string
	Cause, Reason, Choose     string
	Note                      string

	// What is wrong with a form. TooLate has the day on which the case is closed, and
	// LongNote the number of characters.
	NeedWho, NotActive     string
	NeedDay, Past, TooLate string
	NeedChoice, NeedNote   string
	LongNote               string

	// Why there is no form.
	Over, Unread string
}

// wordsFor returns the words for a locale, else those for survey.DefaultLocale, and
// their language.
func wordsFor(locale string) (formWords, string) {
	found, ok := survey.Nearest(forms, locale)
	if !ok {
		found = survey.DefaultLocale
	}
	return forms[found], found
}

var forms = map[string]formWords{
	"en": {
		Assign: "Assign the case", DoAssign: "Assign",
		Snooze: "Snooze the case", DoSnooze: "Snooze",
		Resolve: "Resolve the case", DoResolve: "Resolve",
		Reject: "Not a real case", DoReject: "Reject",
		Cancel: "Cancel",

		Who:   "Who takes care of it?",
		Until: "Until when?", Tomorrow: "Tomorrow", ThreeDays: "In three days", Week: "In a week", OrDate: "Or on this day",
		Cause: "What was the cause?", Reason: "Why is it not a case?", Choose: "Choose",
		Note: "What should the team know?",

		NeedWho: "Choose somebody.", NotActive: "This account is a bot or deactivated. Choose somebody else.",
		NeedDay: "Choose a day.", Past: "This day has begun already. Choose a later one.",
		TooLate:    "The case is closed on %s if nobody resolves it. Choose an earlier day.",
		NeedChoice: "Choose one.", NeedNote: "Say in a few words what it was.", LongNote: "At most %d characters.",

		Over:   "This case has ended already.",
		Unread: "The customer has answered again since. Read the message as it is now, then press the button again.",
	},
	"fr": {
		Assign: "Attribuer le cas", DoAssign: "Attribuer",
		Snooze: "Mettre en attente", DoSnooze: "Mettre en attente",
		Resolve: "Résoudre le cas", DoResolve: "Résoudre",
		Reject: "Pas un vrai cas", DoReject: "Rejeter",
		Cancel: "Annuler",

		Who:   "Qui s’en occupe ?",
		Until: "Jusqu’à quand ?", Tomorrow: "Demain", ThreeDays: "Dans trois jours", Week: "Dans une semaine", OrDate: "Ou à cette date",
		Cause: "Quelle était la cause ?", Reason: "Pourquoi n’est-ce pas un cas ?", Choose: "Choisir",
		Note: "Que doit savoir l’équipe ?",

		NeedWho: "Choisissez quelqu’un.", NotActive: "Ce compte est un robot ou désactivé. Choisissez quelqu’un d’autre.",
		NeedDay: "Choisissez un jour.", Past: "Ce jour a déjà commencé. Choisissez-en un plus tard.",
		TooLate:    "Le cas sera fermé le %s si personne ne le résout. Choisissez un jour plus tôt.",
		NeedChoice: "Faites un choix.", NeedNote: "Dites en quelques mots ce que c’était.", LongNote: "%d caractères au plus.",

		Over:   "Ce cas est déjà terminé.",
		Unread: "Le client a répondu de nouveau depuis. Lisez le message tel qu’il est maintenant, puis appuyez encore une fois.",
	},
	"de": {
		Assign: "Fall zuweisen", DoAssign: "Zuweisen",
		Snooze: "Fall zurückstellen", DoSnooze: "Zurückstellen",
		Resolve: "Fall lösen", DoResolve: "Lösen",
		Reject: "Kein echter Fall", DoReject: "Ablehnen",
		Cancel: "Abbrechen",

		Who:   "Wer kümmert sich darum?",
		Until: "Bis wann?", Tomorrow: "Morgen", ThreeDays: "In drei Tagen", Week: "In einer Woche", OrDate: "Oder an diesem Tag",
		Cause: "Was war die Ursache?", Reason: "Warum ist es kein Fall?", Choose: "Auswählen",
		Note: "Was soll das Team wissen?",

		NeedWho: "Wählen Sie jemanden aus.", NotActive: "Dieses Konto ist ein Bot oder deaktiviert. Wählen Sie jemand anderen.",
		NeedDay: "Wählen Sie einen Tag.", Past: "Dieser Tag hat schon begonnen. Wählen Sie einen späteren.",
		TooLate:    "Der Fall wird am %s geschlossen, wenn ihn niemand löst. Wählen Sie einen früheren Tag.",
		NeedChoice: "Wählen Sie etwas aus.", NeedNote: "Sagen Sie in wenigen Worten, was es war.", LongNote: "Höchstens %d Zeichen.",

		Over:   "Dieser Fall ist schon beendet.",
		Unread: "Der Kunde hat inzwischen noch einmal geantwortet. Lesen Sie die Nachricht, wie sie jetzt ist, und drücken Sie dann erneut.",
	},
	"es": {
		Assign: "Asignar el caso", DoAssign: "Asignar",
		Snooze: "Posponer el caso", DoSnooze: "Posponer",
		Resolve: "Resolver el caso", DoResolve: "Resolver",
		Reject: "No es un caso real", DoReject: "Rechazar",
		Cancel: "Cancelar",

		Who:   "¿Quién se encarga?",
		Until: "¿Hasta cuándo?", Tomorrow: "Mañana", ThreeDays: "En tres días", Week: "En una semana", OrDate: "O en esta fecha",
		Cause: "¿Cuál fue la causa?", Reason: "¿Por qué no es un caso?", Choose: "Elegir",
		Note: "¿Qué debe saber el equipo?",

		NeedWho: "Elija a alguien.", NotActive: "Esta cuenta es un bot o está desactivada. Elija a otra persona.",
		NeedDay: "Elija un día.", Past: "Ese día ya ha empezado. Elija uno posterior.",
		TooLate:    "El caso se cierra el %s si nadie lo resuelve. Elija un día anterior.",
		NeedChoice: "Elija una opción.", NeedNote: "Diga en pocas palabras qué fue.", LongNote: "Como máximo %d caracteres.",

		Over:   "Este caso ya ha terminado.",
		Unread: "El cliente ha vuelto a responder desde entonces. Lea el mensaje como está ahora y pulse de nuevo el botón.",
	},
}
